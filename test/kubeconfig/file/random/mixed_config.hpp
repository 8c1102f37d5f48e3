#pragma once

#include "kubeconfig/file/random/made_credentials.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An entry of a made-up kubeconfig, and whether the user wrote it, by how it was made.
struct made_entry
{
    std::string name;
    made_value body;
    bool is_users_own = true;  ///< never changed, and taken out only as a context that was named
    bool has_settings = false; ///< a cluster's, which no merge changes
    std::string text{};        ///< as it stands in its file
};

/// One file of the list, and its text.
struct made_file
{
    std::vector<made_entry> clusters;
    std::vector<made_entry> contexts;
    std::vector<made_entry> users;
    std::string text{};
};

/** Makes kubeconfigs in which the user's own entries and those of doks, doctl and the API stand side by side.

    Shape: a few DOKS clusters and two servers of other providers; credentials of every kind, under names of the user's
    and under the API's, shared and not, some of them missing; one to three files in which no name comes twice, in block
    style, on one line each, or as JSON. How an entry was made says whether it is the user's own, not the code under test.
*/
class mixed_config
{
public:
    explicit mixed_config(unsigned seed);

    std::vector<made_file>& files() { return files_; }
    /// Only the user's own entries in it are of this cluster, so that a merge only adds.
    bool only_own_of(unsigned cluster) const;

    static std::string id_of(unsigned cluster);
    static std::string api_name_of(unsigned cluster) { return "do-ams3-n" + std::to_string(cluster); }
    static constexpr unsigned clusters = 4;

    unsigned below(unsigned bound) { return rng_.below(bound); }
    bool chance(unsigned one_in) { return rng_.chance(one_in); }
    made_rng& rng() { return rng_; }

private:
    struct context_plan
    {
        unsigned server;
        std::string cluster;
        std::string user;
    };

    std::string server_url(unsigned server);
    std::string own_name(std::string_view stem);
    std::string cluster_of(unsigned server);
    std::string user_of(unsigned server);
    std::string own_user(unsigned server);
    bool has_context_named(std::string_view name) const;
    void add_context();
    void add_waiting_context();
    void judge();
    void write();
    made_file& any_file() { return files_[below(static_cast<unsigned>(files_.size()))]; }

    /// What a user's entry is by its credential alone.
    enum class credential_owner
    {
        given,   ///< by the API, doks
        by_name, ///< by the API if the entry has its name
        user
    };
    struct user_plan
    {
        std::string name;
        credential_owner owner;
        bool has_api_name;
        bool is_missing;
    };
    struct cluster_plan
    {
        std::string name;
        unsigned server;
        bool has_api_name;
        bool has_settings;
    };

    made_rng rng_;
    unsigned names_ = 0;
    std::vector<made_file> files_;
    std::vector<context_plan> contexts_;
    std::vector<user_plan> users_;
    std::vector<cluster_plan> cluster_plans_;
};
