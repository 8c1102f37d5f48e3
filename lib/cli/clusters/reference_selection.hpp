#pragma once

#include <doks/cluster.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/** The clusters that a file of ids and names selects from a listing.

    If a listing has no cluster of a name, or several, the name keeps its earlier meaning.
*/
class reference_selection
{
public:
    /// Another version of the file; earlier meanings of its names are remembered.
    void replace(const std::vector<std::string>& references);

    bool has_names() const noexcept { return !names_.empty(); }
    /// The ids in the file, as the API writes them.
    const std::set<std::string>& ids() const noexcept { return ids_; }

    struct selection
    {
        std::set<std::string> ids;
        std::vector<std::string> complaints; ///< about names, each once while nothing changes
    };
    /// Complaints about names that the last listing did not resolve.
    std::vector<std::string> unresolved() const;
    selection select(const std::vector<cluster>& listed);

private:
    std::set<std::string> ids_;
    std::set<std::string> names_;
    std::map<std::string, std::string> meanings_;
    std::map<std::string, std::string> complained_;
};

}
