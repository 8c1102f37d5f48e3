#pragma once

#include "sim/accounts.hpp"
#include "sim/http.hpp"
#include "sim/issuer.hpp"
#include "sim/kube_objects.hpp"
#include "sim/kube_rights.hpp"
#include "sim/timeline.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace doks::sim {

/** The Kubernetes API of every cluster, each below `/clusters/<id>`, without a network.

    Accepts exactly the credentials that were minted, until they expire; rights follow the API token's role.
*/
class kube_front
{
public:
    kube_front(const accounts& all, const issuer& credentials)
        : accounts_(all)
        , issuer_(credentials)
    {}

    /** `certificate` is the fingerprint of the client's, empty without one. */
    reply answer(const request& what, std::string_view certificate, instant now);

private:
    using path = std::span<const std::string>;

    /** One authenticated request for an object or a list of them. */
    struct call
    {
        const request& what;
        const holder& who;
        const kube_kind& kind;
        kube_action action;
        kube_objects& objects;
        instant now;
    };

    const holder* authenticate(
        const request& what, std::string_view cluster, std::string_view certificate, instant now) const;
    reply answer_authenticated(const request& what, path rest, const holder& who, instant now);
    reply answer_group(const request& what, std::string_view group, path rest, const holder& who, instant now);
    kube_objects& objects_of(const std::string& cluster, instant now);

    static reply review(const request& what, const holder& who);
    static reply serve(const call& context);
    static reply read(const call& context);
    static reply create(const call& context);
    static reply replace(const call& context);
    static reply remove(const call& context);

    const accounts& accounts_;
    const issuer& issuer_;
    std::map<std::string, kube_objects, std::less<>> objects_;
};

}
