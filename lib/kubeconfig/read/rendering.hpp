#pragma once

#include "kubeconfig/result.hpp"
#include "yaml/document.hpp"

#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/secret.hpp>

namespace doks::kube {

/** The texts of `doks::render`.

    Errors: an error names the part that no kubeconfig can carry, never its value. What is handed out has been read back.
*/
boost::system::result<secret_bytes, parse_error> render_text(const credentials& from, const cluster& of);
boost::system::result<secret_bytes, parse_error> render_text(const cluster_access& of, const exec_entry& plugin);

}
