#include <doks/kubeconfig.hpp>

#include "kubeconfig/read/access_reader.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace doks {

namespace {

/// Keeps the sum of a request's time and an expiry within the clock's range.
constexpr std::chrono::seconds longest_expiry = std::chrono::hours(100 * 365 * 24);

failure unreadable(const provenance& from, std::string reason)
{
    failure_record record;
    record.code = errc::not_a_kubeconfig;
    record.operation =
        from.cluster_id.empty() ? "reading a kubeconfig" : "reading the kubeconfig of " + from.cluster_id;
    record.phase = "parse";
    record.info = from.info;
    record.detail = std::move(reason);
    return failure(std::move(record));
}

}

std::string_view to_string(credential_kind kind) noexcept
{
    constexpr std::string_view texts[] = {"token", "certificate", "exec"};
    return texts[static_cast<std::size_t>(kind)];
}

struct kubeconfig::body
{
    body(secret_bytes content, provenance source)
        : bytes(std::move(content))
        , from(std::move(source))
    {}

    std::string_view view() const noexcept { return {bytes.data(), bytes.size()}; }

    const kube::reading& parsed() const
    {
        std::call_once(once, [this] {
            auto found = kube::parse_kubeconfig(view());
            take_in(found);
        });
        if (error) throw failure(*error);
        return reading;
    }

    /// Null where the text cannot be read; `error` says why then.
    kube::kubeconfig_access::parsed document() const
    {
        auto found = kube::parse_kubeconfig(view());
        std::call_once(once, [&] { take_in(found); });
        return found ? std::make_shared<const kube::parsed_kubeconfig>(std::move(*found)) : nullptr;
    }

    void take_in(boost::system::result<kube::parsed_kubeconfig, kube::parse_error>& found) const
    {
        if (found)
            reading = std::move(found->read);
        else
            error.emplace(unreadable(from, found.error().reason));
    }

    secret_bytes bytes;
    provenance from;
    mutable std::once_flag once;
    mutable kube::reading reading;
    mutable std::optional<failure> error;
    mutable std::atomic<kube::kubeconfig_access::parsed> kept;
};

kubeconfig::kubeconfig() = default;

kubeconfig::kubeconfig(secret_bytes bytes, provenance from)
    : body_(std::make_shared<const body>(std::move(bytes), std::move(from)))
{}

kubeconfig::kubeconfig(std::string_view bytes, provenance from)
    : kubeconfig(secret_bytes(bytes.begin(), bytes.end()), std::move(from))
{}

const kubeconfig::body& kubeconfig::held() const
{
    static const body nothing{secret_bytes(), provenance()};
    return body_ ? *body_ : nothing;
}

kube::kubeconfig_access::parsed kube::kubeconfig_access::parse_and_keep(const kubeconfig& of)
{
    const auto& body = of.held();
    auto parsed = body.kept.load();
    if (!parsed) body.kept = parsed = body.document();
    return parsed;
}

boost::system::result<kube::kubeconfig_access::parsed, kube::parse_error> kube::kubeconfig_access::take(
    const kubeconfig& from)
{
    const auto& body = from.held();
    auto parsed = body.kept.exchange(nullptr);
    if (!parsed) parsed = body.document();
    if (!parsed) return parse_error{body.error->detail()};
    return parsed;
}

std::string_view kubeconfig::bytes() const noexcept { return body_ ? body_->view() : std::string_view(); }

credential_kind kubeconfig::kind() const { return held().parsed().kind; }

const access& kubeconfig::current() const { return held().parsed().current; }

std::optional<std::chrono::system_clock::time_point> kubeconfig::expires_at() const
{
    const kube::reading& found = held().parsed();
    const provenance& from = held().from;
    if (found.kind == credential_kind::certificate) return found.certificate_expires;
    if (found.kind == credential_kind::exec) return std::nullopt;
    if (from.expires_at) return from.expires_at;
    if (from.requested_at == std::chrono::system_clock::time_point()) return std::nullopt;
    if (from.expiry.count() == 0) return from.requested_at + default_expiry;
    return from.requested_at + std::min(from.expiry, longest_expiry);
}

bool kubeconfig::expires_exactly() const
{
    const kube::reading& found = held().parsed();
    if (found.kind == credential_kind::certificate) return true;
    return found.kind == credential_kind::token && held().from.expires_at && held().from.expires_exactly;
}

bool kubeconfig::expiry_ignored() const
{
    return held().parsed().kind == credential_kind::certificate && held().from.expiry.count() != 0;
}

std::chrono::seconds kubeconfig::expiry() const noexcept { return held().from.expiry; }

const std::string& kubeconfig::cluster_id() const noexcept { return held().from.cluster_id; }

const call_info& kubeconfig::info() const noexcept { return held().from.info; }

}
