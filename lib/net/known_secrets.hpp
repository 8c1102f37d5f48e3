#pragma once

#include "async/synchronized.hpp"
#include "core/redactor.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace doks::net {

/** Every secret that a client and those made from it by `with` send: API tokens and a proxy's credentials. No text of a
    server becomes part of a failure, an event or a value before it was compared with them.

    Shape: an owner's last four secrets are known, for a request that was sent with an earlier token may still be answered.
    Threads: any.
*/
class known_secrets
{
public:
    void learn(const void* owner, std::string_view secret);
    void forget(const void* owner) noexcept;

    void redact(std::string& text) const { current()->redact(text); }
    void redact(failure_record& record) const { current()->redact(record); }
    bool recognises(std::string_view text) const { return current()->recognises(text); }
    bool stray_into(std::string_view kubeconfig) const { return current()->strays_into(kubeconfig); }

private:
    struct knowledge
    {
        void merge();

        std::map<const void*, std::deque<core::redactor>> by_owner;
        std::shared_ptr<const core::redactor> all = std::make_shared<core::redactor>();
    };

    std::shared_ptr<const core::redactor> current() const;

    mutable async::synchronized<knowledge> known_;
};

}
