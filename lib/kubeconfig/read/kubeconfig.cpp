#include <doks/kubeconfig.hpp>

#include "kubeconfig/read/access_reader.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace doks {

namespace {

/// One for all kubeconfigs, which hold it for the move of a pointer.
std::mutex parsed_mutex;
/// Keeps the sum of a request's time and an expiry within the clock's range.
constexpr std::chrono::seconds longest_expiry = std::chrono::hours(100 * 365 * 24);

/// The reason names the field, never its value.
failure unreadable(const kubeconfig_metadata& from, std::string reason)
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
    body(secret_bytes content, kubeconfig_metadata source)
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
    kubeconfig_metadata from;
    mutable std::once_flag once;
    mutable kube::reading reading;
    mutable std::optional<failure> error;
    mutable kube::kubeconfig_access::parsed kept; ///< under `parsed_mutex`
};

kubeconfig::kubeconfig() = default;

kubeconfig::kubeconfig(secret_bytes bytes, kubeconfig_metadata metadata)
    : body_(std::make_shared<const body>(std::move(bytes), std::move(metadata)))
{}

kubeconfig::kubeconfig(std::string_view bytes, kubeconfig_metadata metadata)
    : kubeconfig(secret_bytes(bytes.begin(), bytes.end()), std::move(metadata))
{}

const kubeconfig::body& kubeconfig::held() const
{
    static const body nothing{secret_bytes(), kubeconfig_metadata()};
    return body_ ? *body_ : nothing;
}

kube::kubeconfig_access::parsed kube::kubeconfig_access::parse_and_keep(const kubeconfig& of)
{
    const auto& body = of.held();
    auto parsed = body.document();
    const std::lock_guard held(parsed_mutex);
    body.kept = parsed;
    return parsed;
}

boost::system::result<kube::kubeconfig_access::parsed, kube::parse_error> kube::kubeconfig_access::take(
    const kubeconfig& from)
{
    const auto& body = from.held();
    parsed document;
    {
        const std::lock_guard held(parsed_mutex);
        document = std::exchange(body.kept, nullptr);
    }
    if (!document) document = body.document();
    if (!document) return parse_error{body.error->detail()};
    return document;
}

std::string_view kubeconfig::bytes() const noexcept { return body_ ? body_->view() : std::string_view(); }

credential_kind kubeconfig::kind() const { return held().parsed().kind; }

const cluster_access& kubeconfig::current() const { return held().parsed().current; }

std::optional<std::chrono::system_clock::time_point> kubeconfig::expires_at() const
{
    const kube::reading& found = held().parsed();
    const kubeconfig_metadata& from = held().from;
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
