#include "sim/api/kubeconfig_text.hpp"

#include <openssl/evp.h>

namespace doks::sim {

namespace {

std::string head(const std::string& name, std::string_view server, std::string_view ca_base64)
{
    std::string text = "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ";
    text.append(ca_base64).append("\n    server: ").append(server).append("\n  name: ").append(name);
    text.append("\ncontexts:\n- context:\n    cluster: ")
        .append(name)
        .append("\n    user: ")
        .append(name)
        .append("-admin");
    text.append("\n  name: ").append(name).append("\ncurrent-context: ").append(name);
    text.append("\nkind: Config\npreferences: {}\nusers:\n- name: ").append(name).append("-admin\n  user:\n");
    return text;
}

}

std::string base64(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    auto input = reinterpret_cast<const unsigned char*>(bytes.data());
    int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), input, static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string kubeconfig_text(const cluster_record& cluster, std::string_view server, std::string_view ca_base64,
    const minted_credential& credential)
{
    std::string text = head(cluster.kube_name(), server, ca_base64);
    if (!credential.token.empty()) return text.append("    token: ").append(credential.token).append("\n");
    text.append("    client-certificate-data: ").append(base64(credential.certificate_pem));
    return text.append("\n    client-key-data: ").append(base64(credential.key_pem)).append("\n");
}

std::string sso_kubeconfig_text(const cluster_record& cluster, std::string_view server, std::string_view ca_base64)
{
    std::string text = head(cluster.kube_name(), server, ca_base64);
    text += "    exec:\n"
            "      apiVersion: client.authentication.k8s.io/v1beta1\n"
            "      args:\n"
            "      - kubernetes\n"
            "      - cluster\n"
            "      - kubeconfig\n"
            "      - exec-credential\n"
            "      - --version=v1beta1\n"
            "      - --context=default\n"
            "      - ";
    return text.append(cluster.spec.id)
        .append("\n      command: doctl\n      env: null\n      provideClusterInfo: false\n");
}

}
