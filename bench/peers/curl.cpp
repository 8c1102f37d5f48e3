// libcurl's multi interface, one easy handle for each connection, kept and used again.

#include "peers/peer.hpp"

#include <curl/curl.h>

#include <stdexcept>

namespace {

struct transfer
{
    CURL* easy = nullptr;
    std::string body;
    peers::meter::instant asked_at{};
};

std::size_t keep(char* bytes, std::size_t, std::size_t count, void* of)
{
    static_cast<transfer*>(of)->body.append(bytes, count);
    return count;
}

class client
{
public:
    explicit client(const peers::order& what)
        : many_(curl_multi_init())
        , headers_(curl_slist_append(nullptr, ("Authorization: Bearer " + what.token).c_str()))
        , all_(what.connections)
    {
        curl_multi_setopt(many_, CURLMOPT_MAXCONNECTS, static_cast<long>(what.connections));
        const std::string url = "https://" + what.address() + what.path;
        for (auto& each : all_) {
            each.easy = curl_easy_init();
            curl_easy_setopt(each.easy, CURLOPT_URL, url.c_str());
            curl_easy_setopt(each.easy, CURLOPT_CAINFO, what.ca_file.c_str());
            curl_easy_setopt(each.easy, CURLOPT_HTTPHEADER, headers_);
            curl_easy_setopt(each.easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
            curl_easy_setopt(each.easy, CURLOPT_WRITEFUNCTION, &keep);
            curl_easy_setopt(each.easy, CURLOPT_WRITEDATA, &each);
            curl_easy_setopt(each.easy, CURLOPT_PRIVATE, &each);
            curl_easy_setopt(each.easy, CURLOPT_NOSIGNAL, 1L);
        }
    }
    ~client()
    {
        for (auto& each : all_) curl_easy_cleanup(each.easy);
        curl_multi_cleanup(many_);
        curl_slist_free_all(headers_);
    }
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    void ask_everything(peers::meter& by)
    {
        for (auto& each : all_) ask(each, by);
        int running = 0;
        do {
            curl_multi_perform(many_, &running);
            take_answers(by);
            if (under_way_ != 0) curl_multi_poll(many_, nullptr, 0, 1000, nullptr);
        } while (under_way_ != 0);
    }

private:
    void ask(transfer& by_whom, peers::meter& by)
    {
        if (!by.take()) return;
        by_whom.body.clear();
        by_whom.asked_at = std::chrono::steady_clock::now();
        curl_multi_add_handle(many_, by_whom.easy);
        ++under_way_;
        added_ = true;
    }

    /// What was answered asks again at once.
    void take_answers(peers::meter& by)
    {
        do {
            added_ = false;
            int left = 0;
            while (CURLMsg* const message = curl_multi_info_read(many_, &left)) {
                if (message->msg != CURLMSG_DONE) continue;
                if (message->data.result != CURLE_OK)
                    throw std::runtime_error(curl_easy_strerror(message->data.result));
                finish(message->easy_handle, by);
            }
            int running = 0;
            if (added_) curl_multi_perform(many_, &running);
        } while (added_);
    }

    void finish(CURL* easy, peers::meter& by)
    {
        transfer* which = nullptr;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &which);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(many_, easy);
        --under_way_;
        by.answered(which->asked_at, static_cast<unsigned>(status), which->body.size());
        ask(*which, by);
    }

    CURLM* many_;
    curl_slist* headers_;
    std::vector<transfer> all_;
    std::size_t under_way_ = 0;
    bool added_ = false;
};

}

int main(int argc, char** argv)
{
    const auto what = peers::read_order(argc, argv);
    peers::meter by(what);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    {
        client all(what);
        by.warm_up();
        all.ask_everything(by);
        by.begin();
        all.ask_everything(by);
        by.report("curl");
    }
    curl_global_cleanup();
    return 0;
}
