#pragma once

#include "async/synchronized.hpp"
#include "core/redactor.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace doks::net {

/** The secrets that a client and clients made from it by `with` send: API tokens and a proxy's credentials. No text of a server
    becomes part of a failure, an event or a value before it was compared with them.

    An owner is a token_context or the transport. Its last four secrets are known, for the response to a request with an
    earlier token may still arrive. Any thread.
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
