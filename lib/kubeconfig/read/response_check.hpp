#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doks::kube {

/** Why a response is no kubeconfig, for a person and without quoting it; nothing if it looks like one.

    `empty body`, `an HTML page`, ``YAML, but `kind` is `Pod` `` ... The usual form (block style, as the API
    writes it) is recognised by its top-level lines; anything else is parsed, and the parser decides. What passes can
    still lack parts that `kubeconfig::current` needs.
    Cost: 1 to 2 microseconds for 4 KB in the usual form, no allocation; a parse otherwise.
*/
std::optional<std::string> why_not_kubeconfig(std::string_view bytes);

/** The cluster that a kubeconfig's `server` names, if it is another one than `cluster_id`.

    `<uuid>.k8s.ondigitalocean.com`, or a host with the path `/clusters/<uuid>`, as the simulator's servers have
    it; the case of the UUID does not matter. Nothing for every other server. The last guard against a response that
    belongs to another request: it scans for `server` and does not parse.
    Cost: under a microsecond for 4 KB, no allocation unless it finds one.
*/
std::optional<std::string> names_other_cluster(std::string_view bytes, std::string_view cluster_id);

}
