#pragma once

#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/scratch.hpp"

#include <doks/kubeconfig_file.hpp>

#include <sys/stat.h>

/// Options of a merge that no other program disturbs.
inline doks::merge_options undisturbed()
{
    doks::merge_options options;
    options.verify_after = std::chrono::milliseconds(0);
    return options;
}

inline doks::kubeconfig config_named(std::string_view name, unsigned number, std::string_view token = "abc-def")
{
    return doks::kubeconfig(texts::config(name, uuid(number), token));
}

inline std::string name_of(unsigned number) { return "do-ams3-n" + std::to_string(number); }

inline doks::kubeconfig config_number(unsigned number, std::string_view token = "abc-def")
{
    return config_named(name_of(number), number, token);
}

inline std::vector<std::string> contexts_in(const doks::kubeconfig_file& file)
{
    std::vector<std::string> names;
    for (const auto& entry : file.entries()) names.push_back(entry.context);
    return names;
}
