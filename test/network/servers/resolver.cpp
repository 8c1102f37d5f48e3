#include "network/servers/resolver.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <utility>

#include <dlfcn.h>
#include <netdb.h>

// The program's getaddrinfo: outcomes that a test set, or the system's.

namespace doks::test::resolver {

namespace {

std::mutex mutex;
std::condition_variable released;
std::map<std::string, std::vector<std::string>> known;
std::vector<std::string> asked;
std::size_t inside = 0;
std::size_t most = 0;
std::size_t releases = 0;
bool signals = false;

/// Returns once the name may be answered; its addresses if they were set.
std::vector<std::string> enter(const std::string& name)
{
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    std::unique_lock lock(mutex);
    asked.push_back(name);
    signals = signals || ::sigismember(&mask, SIGTERM) == 0;
    most = std::max(most, ++inside);
    const auto before = releases;
    if (name.ends_with(stuck)) released.wait(lock, [&] { return releases != before; });
    --inside;
    const auto found = known.find(name);
    return found == known.end() ? std::vector<std::string>() : found->second;
}

}

void set(const std::string& name, std::vector<std::string> addresses)
{
    const std::lock_guard lock(mutex);
    known[name] = std::move(addresses);
}

void release()
{
    const std::lock_guard lock(mutex);
    ++releases;
    released.notify_all();
}

std::vector<std::string> take_asked()
{
    const std::lock_guard lock(mutex);
    return std::exchange(asked, {});
}

std::size_t at_work()
{
    const std::lock_guard lock(mutex);
    return inside;
}

std::size_t most_at_once()
{
    const std::lock_guard lock(mutex);
    return std::exchange(most, 0);
}

bool takes_signals()
{
    const std::lock_guard lock(mutex);
    return signals;
}

}

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found)
{
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (name == nullptr) return real(name, service, hints, found);
    const std::string asked_for(name);
    const auto addresses = doks::test::resolver::enter(asked_for);
    if (asked_for.ends_with(doks::test::resolver::stuck)) return EAI_AGAIN;
    if (addresses.empty()) return real(name, service, hints, found);
    addrinfo** behind = found;
    for (const auto& each : addresses) {
        if (const int failed = real(each.c_str(), service, hints, behind)) return failed;
        while (*behind != nullptr) behind = &(*behind)->ai_next;
    }
    return 0;
}
