#include "kubeconfig/file/random/made_credentials.hpp"

// Credentials of the user's own, of every kind that kubectl knows. None of them may ever be touched.

namespace {

using pairs = std::vector<std::pair<std::string, made_value>>;

made_value plugin(const std::string& command, const std::vector<std::string>& arguments, bool has_environment = false)
{
    pairs exec{{"apiVersion", scalar("client.authentication.k8s.io/v1beta1")}, {"command", scalar(command)},
        {"args", list_of(arguments)}};
    if (has_environment) {
        made_value environment;
        environment.items.push_back(mapping({{"name", scalar("SECRET")}, {"value", scalar("own-secret")}}));
        exec.emplace_back("env", environment);
    }
    return mapping({{"exec", mapping(exec)}});
}

}

made_value given_credential(const std::string& id, made_rng& rng)
{
    switch (rng.below(3)) {
    case 0:
        return mapping({{"token", scalar(rng.hex_digits(64))}});
    case 1:
        return mapping({{"token", scalar((rng.chance(2) ? "dop_v1_" : "doo_v1_") + rng.hex_digits(64))}});
    default:
        return plugin(rng.chance(2) ? "doks" : "/usr/bin/doks", {"credential", id, "--context", "work"});
    }
}

made_value ambiguous_credential(const std::string& id, made_rng& rng)
{
    switch (rng.below(4)) {
    case 0:
        return mapping({{"token", scalar("opaque-" + rng.hex_digits(12))}});
    case 1:
        return mapping({{"client-certificate-data", scalar("b3du")}, {"client-key-data", scalar("a2V5")}});
    case 2:
        return plugin("doctl",
            {"kubernetes", "cluster", "kubeconfig", "exec-credential", "--version=v1beta1", "--context=default", id});
    default:
        return mapping({{"token", scalar("null")}});
    }
}

made_value own_credential(const std::string& id, made_rng& rng)
{
    const auto secret = rng.hex_digits(24);
    switch (rng.below(19)) {
    case 0:
        return mapping({{"token", scalar("eyJhbGciOi" + secret + ".eyJpc3Mi." + secret)}});
    case 1:
        return mapping({{"token", scalar("abc123." + rng.hex_digits(16))}});
    case 2:
        return plugin("kubectl", {"oidc-login", "get-token", "--oidc-client-secret=" + secret});
    case 3:
        return plugin("aws", {"eks", "get-token", "--cluster-name", "n"});
    case 4:
        return plugin("doks", {"credential", id}, true);
    case 5:
        return plugin("my-doks", {"credential", id});
    case 6:
        return plugin("doctl", {"kubernetes", "cluster", "kubeconfig", "exec-credential", "--version=v1beta1",
                                   "--access-token=" + secret, id});
    case 7:
        return mapping({{"tokenFile", scalar("/run/own/token")}});
    case 8:
        return mapping({{"client-certificate", scalar("/own/c.pem")}, {"client-key", scalar("/own/k.pem")}});
    case 9:
        return mapping({{"username", scalar("me")}, {"password", scalar(secret)}});
    case 10:
        return mapping({{"auth-provider",
            mapping({{"name", scalar("oidc")}, {"config", mapping({{"refresh-token", scalar(secret)}})}})}});
    case 11:
        return mapping({{"token", scalar(rng.hex_digits(64))}, {"client-certificate-data", scalar("b3du")},
            {"client-key-data", scalar("a2V5")}});
    case 12:
        return mapping({{"token", scalar("eyAiYWxnIjogIlJTMjU2IiB9.eyJpc3Mi." + secret)}});
    case 13:
        return mapping({{"token", scalar("eyJhbGciOiJkaXIifQ." + secret + ".b.c.d")}});
    case 14:
        return mapping({{"token", scalar("Bearer eyJhbGciOi" + secret + ".eyJpc3Mi.c2ln")}});
    case 15:
        return mapping({{"token", scalar("kubeconfig-u-me:" + secret)}});
    case 16:
        return mapping({{"as", scalar("viewer")}});
    case 17:
        return mapping({{"x-vendor-secret", scalar(secret)}});
    default:
        return mapping({{"token", scalar(rng.hex_digits(64))}, {"exec", plugin("vault", {secret}).pairs[0].second}});
    }
}
