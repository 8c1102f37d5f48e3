#pragma once

#include <map>
#include <string>
#include <string_view>

/// A kubeconfig as libyaml reads it: entries by name, each as text in which the order of keys makes no difference.
struct other_reading_of_config
{
    std::map<std::string, std::string> clusters;
    std::map<std::string, std::string> contexts;
    std::map<std::string, std::string> users;
    std::string current_context;

    friend bool operator==(const other_reading_of_config&, const other_reading_of_config&) = default;
};

/// Throws `std::runtime_error` where libyaml refuses it.
other_reading_of_config read_by_libyaml(std::string_view text);
