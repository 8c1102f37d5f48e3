#pragma once

#include <doks/audit.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// A document, and what it must be flagged as; nothing for one that is only unusual.
struct hostile_document
{
    std::string name;
    std::string text;
    std::optional<doks::audit_kind> flagged = doks::audit_kind::not_a_kubeconfig_file;
};

/// Those of a few kilobytes, and such as are short for what they ask of a parser.
std::vector<hostile_document> hostile_documents();
/// Those of up to 64 times so many bytes.
std::vector<hostile_document> huge_documents(std::size_t mega);
