#pragma once

#include "api/keeper/keeper_entry.hpp"
#include "api/keeper/store/credential_store.hpp"

#include <memory>
#include <vector>

namespace doks::api {

/** Keeps on disk what a keeper holds: a file that is missing or changed is written again, and nothing is minted for it.

    Without a store it holds nothing and does nothing.
    Threads: the client's strand.
*/
class kept_files final : private core::timer
{
public:
    kept_files(keeper_state& keeper, std::shared_ptr<credential_store> store);
    ~kept_files() override;

    /// A directory holds one credential for each cluster: a token of the keeper's own expiry.
    bool holds(const keeper_entry& entry) const;
    /// Of an entry that the directory holds.
    credential_store& store() const noexcept { return *store_; }
    bool is_writing(const keeper_entry& entry) const { return !entry.file.writing.expired(); }

    /// What the entry holds; does nothing if the directory does not hold it.
    static awaitable<void> write(std::shared_ptr<keeper_state> keeper, operation& writing, credential_key key);
    /// Erases the file if it still holds `only`.
    void erase(const keeper_entry& entry, kubeconfig only);
    /// Looks for lost files now, and every ten seconds while ids are kept.
    void check();
    /// Checks no more.
    void stop();
    bool is_idle() const noexcept { return !store_ || store_->is_idle(); }

private:
    void due(core::instant) override { check(); }
    void plan_check();
    bool is_expected(const keeper_entry& entry) const;
    void start_write(const keeper_entry& entry);
    void on_written(const credential_key& key, const put_fault& fault);
    void not_stored(keeper_entry& entry, const failure& error, bool publish);
    void on_disk(keeper_entry& entry);
    static awaitable<void> run_check(std::shared_ptr<keeper_state> keeper, operation& checking);
    void on_checked(const std::vector<credential_key>& asked, credential_store::check_outcome outcome);
    void on_lost(credential_store::lost_file lost, const put_fault& fault);
    void hasten_what_waits_for_the_directory();

    keeper_state& keeper_;
    const std::shared_ptr<credential_store> store_;
    std::weak_ptr<operation> checking_;
    bool check_again_ = false; ///< something happened since the check under way began
};

}
