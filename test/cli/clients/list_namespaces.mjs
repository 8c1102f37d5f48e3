// Lists namespaces by way of the JavaScript client: list_namespaces.mjs KUBECONFIG CONTEXT...
//
// Prints the client's version, the contexts that it read, and for each of those named its namespaces.

import { createRequire } from 'node:module';

import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';

const { version } = createRequire(import.meta.url)('@kubernetes/client-node/package.json');
const [file, ...asked] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(file);
console.log(`@kubernetes/client-node ${version} on Node ${process.versions.node}`);
console.log('contexts:', ...config.getContexts().map((each) => each.name));
for (const context of asked) {
    config.setCurrentContext(context);
    const listed = await config.makeApiClient(CoreV1Api).listNamespace();
    console.log(`${context}:`, ...listed.items.map((each) => each.metadata.name));
}
