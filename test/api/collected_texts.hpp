#pragma once

#include <doks/client.hpp>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace doks::test {

/// Everything that a caller was told.
class record_of_texts
{
public:
    void hear(const failure& why)
    {
        const auto& all = why.record();
        for (const auto& each : {why.message(), why.code().message(), all.operation, all.api_id, all.api_message,
                 all.detail, all.remedy, all.last_cause.message()})
            add(each);
        hear(all.info);
        ++failures;
    }
    void hear(const call_info& info) { add(info.request_id); }
    void hear(const cluster& one)
    {
        for (const auto& each : {one.id, one.name, one.region, one.version, one.endpoint, one.state, one.state_message,
                 one.created_at, one.updated_at})
            add(each);
        for (const auto& each : one.tags) add(each);
        ++values;
    }
    void hear(const std::vector<cluster>& all)
    {
        for (const auto& each : all) hear(each);
    }
    void hear(const cluster_user& who)
    {
        add(who.username);
        for (const auto& each : who.groups) add(each);
        hear(who.info);
        ++values;
    }
    void hear(const credentials& got)
    {
        add(got.server);
        hear(got.info);
        ++values;
    }
    void hear(const kubeconfig& got)
    {
        add(std::string(got.bytes()));
        hear(got.info());
        ++values;
    }
    void hear(const event& what)
    {
        std::visit([this](const auto& each) { hear_event(each); }, what);
        ++events;
    }
    template <class T> void hear(const result<T>& outcome) { outcome ? hear(*outcome) : hear(outcome.error()); }

    std::string texts;
    std::size_t failures = 0;
    std::size_t values = 0;
    std::size_t events = 0;

private:
    void add(const std::string& text) { texts.append(text).append(1, '\n'); }

    void hear_event(const connection_opened& at) { add(at.address + '\n' + at.tls_version + '\n' + at.cipher); }
    void hear_event(const connection_closed& at) { add(at.reason); }
    void hear_event(const request_sent& at) { add(at.target); }
    void hear_event(const response_received& at) { add(at.request_id + '\n' + at.cause.message()); }
    void hear_event(const quota_awaited&) {}
    void hear_event(const retry_scheduled& at) { add(at.cause.message()); }
    void hear_event(const call_finished& at) { hear(at.info), add(at.cause.message()); }
};

}
