#pragma once

#include "keeper/disk_time.hpp"
#include "keeper/keeper_world.hpp"
#include "support/scratch.hpp"

#include <fstream>
#include <sstream>

namespace doks::test {

/// Keepers over one directory, in one world.
struct stored_world
{
    doks::keeper make(std::chrono::seconds expiry = 1h, std::chrono::seconds margin = 0s)
    {
        keeper_options how;
        how.expiry = expiry;
        how.margin = margin;
        how.store = directory;
        return here.make(std::move(how));
    }
    void run(core::duration how_long) { run_with(here.world, &directory, how_long); }
    std::string file(std::size_t number) const
    {
        std::ifstream in(path(number), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    std::filesystem::path path(std::size_t number) const
    {
        return folder / "kept" / (cluster_number(number) + ".yaml");
    }
    /// The directory is moved away, and a file stands in its place: nothing can be stored.
    void block() const
    {
        std::filesystem::rename(folder / "kept", folder / "moved");
        std::ofstream(folder / "kept") << "no directory\n";
    }
    void unblock() const
    {
        std::filesystem::remove(folder / "kept");
        std::filesystem::rename(folder / "moved", folder / "kept");
    }
    keeper_world here;
    scratch_folder folder;
    kubeconfig_directory directory{folder / "kept"};
};

}
