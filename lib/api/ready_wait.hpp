#pragma once

#include "api/errand.hpp"
#include "api/readiness.hpp"

#include <doks/cluster.hpp>

namespace doks::api {

/// Looks at a new cluster until it has a kubeconfig; `after_look` decides.
class ready_wait final : public errand_for<cluster>
{
public:
    static void start(
        const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who);

    ready_wait(
        const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who);

private:
    void begin() override;
    void resume() override;
    void fail(failure why) override;

    void look();
    void looked(const net::call_plan& asked, result<net::reply> got);
    void follow(const wait_step& next, const std::optional<failure>& absent);
    void end(errc cause);
    void time_out();
    std::string seen_last() const;

    std::string id_;
    call_options options_;
    wait_pace pace_;
    wait_memory memory_;
    std::optional<cluster> last_seen_;
    bool absent_ = false;
};

}
