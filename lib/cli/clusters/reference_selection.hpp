#pragma once

#include <doks/cluster.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/** What a file of ids and names selects of a listing.

    A name goes on meaning the cluster that it meant while a listing has no cluster of this name, or several.
*/
class reference_selection
{
public:
    /// Another version of the file; what its names meant before is remembered.
    void replace(const std::vector<std::string>& references);

    bool has_names() const noexcept { return !names_.empty(); }
    /// Those that the file gives as ids, as the API writes them.
    const std::set<std::string>& ids() const noexcept { return ids_; }

    struct selection
    {
        std::set<std::string> ids;
        std::vector<std::string> complaints; ///< about names, each once while nothing changes
    };
    /// What is said of names that the last listing did not settle.
    std::vector<std::string> unresolved() const;
    selection select(const std::vector<cluster>& listed);

private:
    std::set<std::string> ids_;
    std::set<std::string> names_;
    std::map<std::string, std::string> meanings_;
    std::map<std::string, std::string> complained_;
};

}
