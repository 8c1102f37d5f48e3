#include "api/decoding.hpp"

#include "api/bodies.hpp"
#include "api/requests.hpp"
#include "core/answer_headers.hpp"
#include "kubeconfig/check.hpp"

#include <utility>

namespace doks::api {

namespace {

std::string_view body_of(const net::reply& got) { return {got.answer.body.data(), got.answer.body.size()}; }

/// As a kubeconfig's, an answer for another id than the one asked for is not delivered.
failure somebody_elses(const net::call_plan& asked, const call_info& info, const std::string& whose)
{
    return unusable(asked, info, errc::wrong_cluster, "got an answer for " + printable(whose));
}

}

failure unusable(const net::call_plan& asked, const call_info& info, boost::system::error_code why, std::string detail)
{
    failure_record record;
    record.operation = asked.operation();
    record.code = why;
    record.info = info;
    record.detail = std::move(detail);
    explain(record, {});
    return failure(std::move(record));
}

result<cluster> decode_cluster(const net::call_plan& asked, net::reply got)
{
    auto read = read_cluster(body_of(got));
    if (read.error) return unusable(asked, got.info, read.error, std::move(read.detail));
    if (!core::same_name(read.value.id, asked.request.subject)) return somebody_elses(asked, got.info, read.value.id);
    return std::move(read.value);
}

result<credentials> decode_credentials(const net::call_plan& asked, net::reply got)
{
    auto read = read_credentials(body_of(got));
    if (read.error) return unusable(asked, got.info, read.error, std::move(read.detail));
    const auto other = kube::names_other_cluster("server: " + read.value.server, asked.request.subject);
    if (other) return somebody_elses(asked, got.info, *other);
    read.value.info = std::move(got.info);
    return std::move(read.value);
}

result<cluster_user> decode_cluster_user(const net::call_plan& asked, net::reply got)
{
    auto read = read_cluster_user(body_of(got));
    if (read.error) return unusable(asked, got.info, read.error, std::move(read.detail));
    read.value.info = std::move(got.info);
    return std::move(read.value);
}

}
