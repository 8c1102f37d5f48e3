#include "async/weak_strand.hpp"

namespace doks::async {

weak_strand::weak_strand(const executor& strand)
    : strand_(strand)
    , context_(shutdown::of(asio::query(strand, asio::execution::context)))
{
    context_->add(*this);
}

void weak_strand::close() noexcept
{
    std::optional<executor> closed;
    context_->take(*this, [&] { closed.swap(strand_); });
}

}
