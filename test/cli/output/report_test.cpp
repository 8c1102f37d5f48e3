#include "cli/output/report.hpp"
#include "cli/output/trace.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

// Lines of the report, tables and traces: items in, texts out.

using namespace std::chrono_literals;
using namespace doks::cli;
namespace json = boost::json;

namespace {

/// An item that failed with this cause.
doks::bulk_item failed_with(boost::system::error_code code, unsigned status, std::string api_id = {})
{
    doks::failure_record record;
    record.code = code;
    record.api_id = std::move(api_id);
    record.http_status = status;
    record.info.attempts = 3;
    record.info.resends = 1;
    record.info.request_id = "req-1";
    doks::bulk_item item;
    item.cluster.id = "id-1";
    item.outcome = doks::failure(record);
    return item;
}

doks::bulk_item fetched()
{
    doks::kubeconfig_metadata from;
    from.info.attempts = 2;
    from.info.resends = 1;
    from.info.request_id = "req-2";
    doks::bulk_item item;
    item.cluster.id = "id-2";
    item.outcome = doks::kubeconfig(std::string_view("kind: Config\n"), from);
    return item;
}

json::object line_of(const doks::bulk_item& item)
{
    auto text = report_line(item);
    REQUIRE(text.back() == '\n');
    CHECK(text.find('\n') == text.size() - 1);
    return json::parse(text).as_object();
}

}

TEST_CASE("a report line has its six members")
{
    auto line = line_of(fetched());
    CHECK(line.size() == 6);
    CHECK(line["id"] == "id-2");
    CHECK(line["outcome"] == "fetched");
    CHECK(line["attempts"].to_number<int>() == 3);
    CHECK(line["status"].to_number<int>() == 200);
    CHECK(line["error"].is_null());
    CHECK(line["request_id"] == "req-2");
}

TEST_CASE("a line names its context where there is one to name")
{
    auto line = json::parse(report_line(fetched(), "work")).as_object();
    CHECK(line.size() == 7);
    CHECK(line["context"] == "work");
    CHECK(pruned_line("id-1") ==
          "{\"id\":\"id-1\",\"outcome\":\"pruned\",\"attempts\":0,\"status\":null,\"error\":null,"
          "\"request_id\":null}\n");
    CHECK(json::parse(pruned_line("id-1", "work")).as_object()["context"] == "work");
}

TEST_CASE("every report line is UTF-8 and holds no character that a terminal obeys")
{
    auto item = failed_with(doks::errc::unusable_directory, 0);
    auto record = item.outcome.error().record();
    record.detail = "/tmp/\xff\xc2\x9b"
                    "31m\xc2\x85\x7f/\xc3\xa4\xe2\x82";
    item.outcome = doks::failure(record);
    const auto line = report_line(item);
    CHECK(line.find("/tmp/\xEF\xBF\xBD\\u009b31m\\u0085\\u007f/\xc3\xa4\xEF\xBF\xBD") != line.npos);
    CHECK_NOTHROW(json::parse(line));
    for (const std::string& broken :
        std::vector<std::string>{"bad\xc3\"q", "bad\xc3\\", "bad\xc3", "bad\xe9/", "\xf0\x9f\"", "\xc3\xc3\xa4"}) {
        record.detail = broken;
        item.outcome = doks::failure(record);
        CHECK_NOTHROW(json::parse(report_line(item)));
        CHECK(report_line(item).find("\xEF\xBF\xBD") != std::string::npos);
    }
}

TEST_CASE("a fresh item counts no attempt")
{
    auto item = fetched();
    item.fresh = true;
    auto line = line_of(item);
    CHECK(line["outcome"] == "fresh");
    CHECK(line["attempts"].to_number<int>() == 0);
    CHECK(line["status"].is_null());
    CHECK(line["request_id"].is_null());
}

TEST_CASE("an outcome follows from its cause")
{
    CHECK(outcome_of(failed_with(doks::errc::not_ready, 404)) == outcome::not_ready);
    CHECK(outcome_of(failed_with(doks::http_error(404), 404, "not_found")) == outcome::gone);
    CHECK(outcome_of(failed_with(doks::http_error(410), 410, "gone")) == outcome::gone);
    CHECK(outcome_of(failed_with(doks::http_error(404), 404)) == outcome::failed); // a gateway's
    CHECK(outcome_of(failed_with(doks::http_error(503), 503)) == outcome::failed);
    CHECK(outcome_of(failed_with(doks::errc::stopped, 0)) == outcome::failed);
    auto line = line_of(failed_with(doks::errc::stopped, 0));
    CHECK(line["outcome"] == "failed");
    CHECK(line["attempts"].to_number<int>() == 4);
    CHECK(line["status"].is_null());
    CHECK(line["error"].as_string().starts_with("stopped"));
}

TEST_CASE("clusters are shown in an aligned table")
{
    doks::cluster one;
    one.id = "id-1";
    one.name = "production";
    one.region = "nyc1";
    one.version = "1.31.1-do.0";
    one.state = "running";
    doks::cluster other;
    other.id = "id-2";
    other.name = "\x1b[2Jx";
    CHECK(cluster_table({{"", &one}, {"", &other}}) == "ID    NAME        REGION  VERSION      STATE\n"
                                                       "id-1  production  nyc1    1.31.1-do.0  running\n"
                                                       "id-2  \\x1b[2Jx    -       -            -\n");
    CHECK(cluster_table({}).empty());
    CHECK(cluster_table({{"work", &one}, {"a", &other}}) == "CONTEXT  ID    NAME        REGION  VERSION      STATE\n"
                                                            "work     id-1  production  nyc1    1.31.1-do.0  running\n"
                                                            "a        id-2  \\x1b[2Jx    -       -            -\n");
    auto line = json::parse(cluster_line(one)).as_object();
    CHECK(line["name"] == "production");
    CHECK(line["tags"].as_array().empty());
    CHECK(line.count("context") == 0);
    CHECK(json::parse(cluster_line(one, "work")).as_object()["context"] == "work");
}

TEST_CASE("a trace shows requests and responses, and no secret")
{
    const std::chrono::steady_clock::time_point now{100h};
    CHECK(trace_lines(doks::connection_opened{3, "127.0.0.1:8443", "TLSv1.3", "TLS_AES_256_GCM_SHA384"}, now) ==
          std::vector<std::string>{"* [3] connected to 127.0.0.1:8443, TLSv1.3, TLS_AES_256_GCM_SHA384"});
    CHECK(trace_lines(doks::request_sent{7, 3, 2, "/v2/kubernetes/clusters"}, now) ==
          std::vector<std::string>{
              "> [3] GET /v2/kubernetes/clusters HTTP/1.1   (call #7, attempt 2)", "> [3] Authorization: [redacted]"});
    doks::response_received answer;
    answer.call = 7;
    answer.connection = 3;
    answer.status = 200;
    answer.request_id = "req-1";
    answer.body_size = 2157;
    answer.took = 12ms;
    answer.rate_limit.limit = 5000;
    answer.rate_limit.remaining = 4999;
    answer.rate_limit.reset = std::chrono::system_clock::from_time_t(0);
    CHECK(
        trace_lines(answer, now) ==
        std::vector<std::string>{"< [3] 200, 2157 bytes in 12ms, request id req-1, rate limit 4999 of 5000 left, next "
                                 "reset 1970-01-01T00:00:00Z (call #7)"});
    doks::rate_limit_state quota;
    quota.windows = {{{250, 1min}, 250}, {{5000, 1h}, 1200}};
    quota.external = 30;
    quota.parked = 4;
    CHECK(trace_lines(doks::quota_awaited{7, now + 12s, quota}, now) ==
          std::vector<std::string>{"* call #7 waits for quota, 12.0s, 250 of 250/1m used, 1200 of 5000/1h used, 30 by "
                                   "others, 4 parked"});
    CHECK(trace_lines(doks::retry_scheduled{7, 1, false, doks::errc::truncated, 250ms}, now) ==
          std::vector<std::string>{"! call #7: connection closed mid-response; attempt 2 in 250ms"});
}
