#include "kubeconfig/file/random/arriving_config.hpp"

#include "kubeconfig/file/random/mixed_config.hpp"

#include <doctest/doctest.h>

// Kubeconfigs that are merged in tests, of each kind of credential that the API or a program of the user's may
// give.

arriving_config arrival_of(unsigned cluster, unsigned form, made_rng& rng)
{
    const auto id = mixed_config::id_of(cluster);
    const auto digits = rng.hex_digits(64);
    const auto exec = [&](const std::string& command, const strings& arguments) {
        std::string lines = "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n";
        for (const auto& each : arguments) lines += "      - \"" + each + "\"\n";
        return lines + "      command: " + command + "\n";
    };
    std::string user;
    switch (form) {
    case 0:
        user = exec("/opt/doks", {"credential", id, "--context", digits});
        break;
    case 1:
        user = exec("doctl", {"kubernetes", "cluster", "kubeconfig", "exec-credential", "--context=" + digits, id});
        break;
    case 2:
        user = "    token: dop_v1_" + digits + "\n";
        break;
    default:
        user = "    token: \"" + digits + "\"\n";
    }
    auto text = sample::around(user, id);
    const auto name = mixed_config::api_name_of(cluster);
    for (auto at = text.find("do-nyc1-blue"); at != text.npos; at = text.find("do-nyc1-blue", at + name.size()))
        text.replace(at, 12, name);
    return {cluster, form, digits, std::move(text)};
}

doks::kube::kubeconfig_set set_of(const strings& files)
{
    std::vector<doks::kube::kubeconfig_document> documents;
    for (const auto& each : files) documents.push_back(texts::read(each));
    return {std::move(documents), 0};
}

strings texts_of(const doks::kube::kubeconfig_set& set)
{
    strings files;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto text = set.file(i).text();
        REQUIRE_MESSAGE(text.has_value(), text.error().reason);
        files.emplace_back(text->begin(), text->end());
    }
    return files;
}

std::optional<merged_files> merge(const strings& into, const std::vector<arriving_config>& arrivals,
    doks::name_collision policy, const std::string& alias)
{
    auto set = set_of(into);
    doks::kube::merger to(set, policy);
    merged_files done;
    for (const auto& each : arrivals) {
        auto outcome = to.merge(doks::kubeconfig(each.text), alias);
        if (!outcome) {
            REQUIRE(outcome.error().code == doks::errc::name_taken);
            return std::nullopt;
        }
        done.entries.push_back(std::move(*outcome));
    }
    done.files = texts_of(set);
    return done;
}
