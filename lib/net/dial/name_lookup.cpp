#include "net/dial/name_lookup.hpp"

#include "async/blocked_signals.hpp"

#include <doks/failure.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

namespace doks::net {

namespace {

using boost::system::error_code;

error_code error_of(int status, int system_error)
{
    switch (status) {
    case 0:
        return {};
    case EAI_AGAIN:
        return errc::lookup_unavailable;
    case EAI_MEMORY:
        return make_error_code(boost::system::errc::not_enough_memory);
    case EAI_SYSTEM:
        return {system_error, boost::system::system_category()};
    default:
        return errc::host_not_found;
    }
}

/// The resolver reports a lack of descriptors as an unknown name: probe for it.
error_code lack_of_descriptors() noexcept
{
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (probe >= 0) {
        ::close(probe);
        return {};
    }
    const bool lacks = errno == EMFILE || errno == ENFILE;
    return lacks ? error_code(errno, boost::system::system_category()) : error_code();
}

found_addresses ask_resolver(const std::string& host)
{
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const int status = ::getaddrinfo(host.c_str(), nullptr, &wanted, &first);
    found_addresses found{error_of(status, errno), {}};
    if (status != 0) {
        if (const auto lack = lack_of_descriptors()) found.failed = lack;
        return found;
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(first, &::freeaddrinfo);
    for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
        asio::ip::tcp::endpoint at;
        if (each->ai_addrlen > at.capacity()) continue;
        std::memcpy(at.data(), each->ai_addr, each->ai_addrlen);
        at.resize(each->ai_addrlen);
        found.addresses.push_back(at.address());
    }
    return found;
}

}

/// The lookups of this process and their threads; thread-safe. A thread serves one name after the other and ends when there
/// is none. Waits are held weakly: each is owned by its completion.
class lookup_threads
{
public:
    /// Never destroyed: threads may be at work when the process ends.
    static lookup_threads& of_process()
    {
        static lookup_threads& made = *new lookup_threads;
        return made;
    }

    void add(const std::string& host, std::weak_ptr<name_lookup> waiting)
    {
        std::vector<waiter> failed;
        error_code error;
        {
            const std::lock_guard lock(mutex_);
            auto& its = lookups_[host];
            std::erase_if(its.waiters, &is_over);
            its.waiters.push_back(std::move(waiting));
            if (!its.is_under_way && running_ < max_threads) error = start_thread();
            if (error && running_ == 0) failed = take_all(); // no thread would ever serve them
        }
        deliver(failed, std::make_shared<found_addresses>(found_addresses{error, {}}));
    }

private:
    using waiter = std::weak_ptr<name_lookup>;
    static constexpr unsigned max_threads = 4;

    struct lookup
    {
        std::vector<waiter> waiters;
        bool is_under_way = false;
    };

    static bool is_over(const waiter& each)
    {
        const auto alive = each.lock();
        return !alive || !alive->done_.is_pending();
    }

    error_code start_thread()
    {
        try {
            const async::blocked_signals blocked;
            std::thread([this] { work(); }).detach();
            ++running_;
            return {};
        } catch (const std::system_error& failed) {
            return {failed.code().value(), boost::system::system_category()};
        } catch (const std::bad_alloc&) {
            return make_error_code(boost::system::errc::not_enough_memory);
        }
    }

    void work()
    {
        for (std::unique_lock lock(mutex_);;) {
            const auto host = next();
            if (!host) break;
            lock.unlock();
            const auto found = look_up(*host);
            lock.lock();
            const auto ended = lookups_.extract(*host);
            lock.unlock();
            deliver(ended.mapped().waiters, found);
            lock.lock();
        }
    }

    /// Null where there is no memory.
    static std::shared_ptr<const found_addresses> look_up(const std::string& host)
    {
        try {
            return std::make_shared<const found_addresses>(ask_resolver(host));
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    /// The next name that has waiters and no lookup yet; without one the thread ends.
    std::optional<std::string> next()
    {
        for (auto at = lookups_.begin(); at != lookups_.end();) {
            auto& [host, its] = *at;
            if (!its.is_under_way) std::erase_if(its.waiters, &is_over);
            if (its.is_under_way) {
                ++at;
            } else if (its.waiters.empty()) {
                at = lookups_.erase(at);
            } else {
                its.is_under_way = true;
                return host;
            }
        }
        --running_;
        return std::nullopt;
    }

    std::vector<waiter> take_all()
    {
        std::vector<waiter> all;
        for (auto& [host, its] : lookups_) all.insert(all.end(), its.waiters.begin(), its.waiters.end());
        lookups_.clear();
        return all;
    }

    /// Without memory a wait goes on until its own timeout.
    static void deliver(const std::vector<waiter>& all, const std::shared_ptr<const found_addresses>& found) noexcept
    {
        for (const auto& each : all) try {
                if (const auto alive = each.lock(); alive && found)
                    alive->done_.finish([found] { return std::make_tuple(found); });
            } catch (const std::bad_alloc&) {
            }
    }

    std::mutex mutex_;
    std::map<std::string, lookup> lookups_; ///< by host
    unsigned running_ = 0;
};

name_lookup::name_lookup(const async::executor& strand, handler on_found)
    : done_(
          [on_found = std::move(on_found)](const addresses& found) { on_found(*found); }, asio::any_io_executor(strand))
{}

std::shared_ptr<name_lookup> name_lookup::start(
    const std::string& host, const async::executor& strand, handler on_found)
{
    auto made = std::make_shared<name_lookup>(strand, std::move(on_found));
    made->done_.keep(made);
    lookup_threads::of_process().add(host, made);
    return made;
}

}
