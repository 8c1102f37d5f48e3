#include "net/known_secrets.hpp"

#include <new>

namespace doks::net {

void known_secrets::knowledge::merge()
{
    const auto merged = std::make_shared<core::redactor>();
    for (const auto& [owner, secrets] : by_owner)
        for (const auto& each : secrets) merged->add(each);
    all = merged;
}

void known_secrets::learn(const void* owner, std::string_view secret)
{
    constexpr std::size_t remembered = 4;
    core::redactor one;
    one.add(secret);
    known_.with([&](knowledge& known) {
        auto& own = known.by_owner[owner];
        own.push_back(std::move(one));
        if (own.size() > remembered) own.pop_front();
        known.merge();
    });
}

void known_secrets::forget(const void* owner) noexcept
{
    known_.with([&](knowledge& known) {
        if (known.by_owner.erase(owner) == 0) return;
        try {
            known.merge();
        } catch (const std::bad_alloc&) {
            // The old list stays until the next change: it only recognises more.
        }
    });
}

std::shared_ptr<const core::redactor> known_secrets::current() const
{
    return known_.with([](const knowledge& known) { return known.all; });
}

}
