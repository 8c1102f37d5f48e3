#pragma once

#include <doks/bulk.hpp>
#include <doks/call_options.hpp>
#include <doks/client.hpp>
#include <doks/cluster.hpp>
#include <doks/cluster_selector.hpp>
#include <doks/failure.hpp>
#include <doks/keeper.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/kubeconfig_directory.hpp>
#include <doks/observer.hpp>
#include <doks/policy.hpp>
#include <doks/rate_limit.hpp>
#include <doks/render.hpp>
#include <doks/secret.hpp>
#include <doks/stream.hpp>
#include <doks/token_source.hpp>
