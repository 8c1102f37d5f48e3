#pragma once

#include "support/virtual_world.hpp"

#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace cli_test {

/** An API whose account changes between any two requests, for a client in virtual time.

    Clusters are created, deleted and moved within the list; now and then the token is another team's, the list empty or
    without totals, a response broken, or a 404 given for a cluster that lives. The last lasts until the clusters are listed
    again. Everything is drawn from the seed.
*/
class changing_account
{
public:
    explicit changing_account(std::uint64_t seed);

    doks::test::scripted_answer answer(const doks::test::seen_request& request);

    /// How lively it is: of a thousand requests so many see a change before them.
    unsigned changes = 300;
    /// The own team's clusters that exist now.
    std::set<std::string> alive() const { return {own_.begin(), own_.end()}; }
    std::size_t listings = 0; ///< requests for a first page

private:
    using clusters = std::vector<std::string>;

    bool chance(unsigned of_a_thousand) { return random_() % 1000 < of_a_thousand; }
    std::size_t any(std::size_t below) { return random_() % below; }
    std::string new_id();
    void change(clusters& team);
    void begin_listing();
    std::string page(std::size_t number);
    std::string one(const std::string& id);

    std::mt19937_64 random_;
    clusters own_, others_;
    std::set<std::string> lagging_; ///< live clusters whose own address says 404 for now
    bool other_token_ = false;
    bool states_totals_ = true;
    bool is_empty_ = false;
    bool repeats_ = false;
    std::size_t page_size_ = 3;
    std::uint64_t last_id_ = 0;
};

}
