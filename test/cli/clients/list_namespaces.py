"""Lists namespaces by way of the Python client: list_namespaces.py KUBECONFIG CONTEXT...

Prints the client's version, the contexts that it read, and for each of those named its namespaces."""

import platform
import sys

import kubernetes
from kubernetes import client, config

file, *asked = sys.argv[1:]
print(f"kubernetes {kubernetes.__version__} on Python {platform.python_version()}")
print("contexts:", *[each["name"] for each in config.list_kube_config_contexts(file)[0]])
for context in asked:
    with config.new_client_from_config(file, context) as api:
        listed = client.CoreV1Api(api).list_namespace(_request_timeout=10)
    print(f"{context}:", *[each.metadata.name for each in listed.items])
