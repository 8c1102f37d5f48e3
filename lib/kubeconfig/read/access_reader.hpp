#pragma once

#include "kubeconfig/result.hpp"
#include "yaml/document.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace doks::kube {

/// What a kubeconfig says of its current context.
struct reading
{
    access current;
    credential_kind kind = credential_kind::token;
    /// Of the client certificate, where there is one.
    std::optional<std::chrono::system_clock::time_point> certificate_expires;
};

/** Reads the current context and decodes what it refers to.

    Shape: no file is opened and no program run; a reference to either is an error that names the field, and so is every
    setting that `access` cannot express (a proxy, another user's identity, verification switched off).
    Errors: an error names what is missing or wrong by its path, `users[0].user.token`, never by its value.
*/
boost::system::result<reading, parse_error> read_access(std::string_view bytes);

/// What the current context's entry holds, and those that it refers to.
struct current_entries
{
    const yaml::node* context = nullptr;
    const yaml::node* cluster = nullptr;
    const yaml::node* user = nullptr;
};
boost::system::result<reading, parse_error> read_access(const yaml::document& document, current_entries& entries);

}
