#pragma once

#include "kubeconfig/result.hpp"
#include "yaml/document.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace doks::kube {

/// What a kubeconfig says of its current context.
struct reading
{
    cluster_access current;
    credential_kind kind = credential_kind::token;
    /// Of the client certificate, where there is one.
    std::optional<std::chrono::system_clock::time_point> certificate_expires;
};

/// What the current context's entry holds, and those that it refers to.
struct current_entries
{
    const yaml::node* context = nullptr;
    const yaml::node* cluster = nullptr;
    const yaml::node* user = nullptr;
};

/// A kubeconfig, parsed once for everything that is asked of it. It refers to the bytes.
struct parsed_kubeconfig
{
    yaml::document document;
    reading read{};
    current_entries entries{};
};

/** Reads the current context and decodes what it refers to.

    No file is opened and no program run; a reference to either is an error that names the field, and so is every
    setting that `cluster_access` cannot express (a proxy, another user's identity, verification switched off).
    Errors: an error names what is missing or wrong by its path, `users[0].user.token`, never by its value.
*/
boost::system::result<parsed_kubeconfig, parse_error> parse_kubeconfig(std::string_view bytes);

/// What an audit and a merge need of a kubeconfig beyond its value: the document, for which the text is not parsed again.
struct kubeconfig_access
{
    using parsed = std::shared_ptr<const parsed_kubeconfig>; ///< without `read`, which the kubeconfig itself has

    /** Parses it, and keeps the document for `take`. Null where it cannot be read.

        Nothing else keeps it, for it takes twice the memory of the text.
    */
    static parsed parse_and_keep(const kubeconfig& of);
    /// The document that was kept, or a new one. It refers to the bytes of `from`.
    static boost::system::result<parsed, parse_error> take(const kubeconfig& from);
};

}
