/**
 * Loads the plugin bundle into OHIF 3.13, which does not yet share its packages with plugins as the plugin contract v1 of
 * OHIF 3.14 does. The shim puts the viewer's own React and cornerstone under the window globals that the bundle expects:
 * a second copy of either would break hooks and tool state. With OHIF 3.14 it is not needed.
 */
type Modules = Record<string, () => unknown>;
type BundlerRequire = ((id: string) => unknown) & { readonly m: Modules };
type Globals = Record<string, unknown> & { rspackChunk?: unknown[] };

interface CornerstoneExtension {
  getUtilityModule(context: object): {
    name: string;
    exports: { getCornerstoneLibraries?: () => { cornerstone: unknown; cornerstoneTools: unknown } };
  }[];
}

const globals = window as unknown as Globals;

/** The modules of React carry their licence inside, the only name of theirs that survives bundling. */
const REACT_MODULES = {
  react: '* react.production',
  'react-dom': '* react-dom.production',
  'react/jsx-runtime': '* react-jsx-runtime.production',
};

/** The bundler's own require: it hands it to whoever adds a chunk to its registry. */
function bundlerRequire(): BundlerRequire {
  let found: BundlerRequire | undefined;
  globals.rspackChunk?.push([['medsam-host'], {}, (require: BundlerRequire) => (found = require)]);
  if (!found) throw new Error('MedSAM: this viewer has no rspack chunk registry; the shim knows OHIF 3.13 only.');
  return found;
}

function shareReact(require: BundlerRequire): void {
  for (const [name, licence] of Object.entries(REACT_MODULES)) {
    const id = Object.keys(require.m).find((key) => require.m[key]?.toString().includes(licence));
    if (id === undefined) throw new Error(`MedSAM: the viewer's ${name} was not found; the shim knows OHIF 3.13 only.`);
    globals[name] = require(id);
  }
}

function shareCornerstone(extension: CornerstoneExtension): void {
  const common = extension.getUtilityModule({ servicesManager: {} }).find(({ name }) => name === 'common');
  const libraries = common?.exports.getCornerstoneLibraries?.();
  if (!libraries) throw new Error("MedSAM: the viewer's cornerstone was not found.");
  globals['@cornerstonejs/core'] = libraries.cornerstone;
  globals['@cornerstonejs/tools'] = libraries.cornerstoneTools;
}

const loadScript = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: url });
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`MedSAM: ${url} could not be loaded.`));
    document.head.append(script);
  });

/**
 * @param peerImport - OHIF's own loader, which `window.config` gets when it is a function.
 * @param bundleUrl - Where index.umd.js is served.
 * @returns The extension and the mode, to be put into the config.
 */
export async function loadMedsam(
  peerImport: (name: string) => Promise<unknown>,
  bundleUrl: string,
): Promise<{ extension: unknown; mode: unknown }> {
  shareCornerstone((await peerImport('@ohif/extension-cornerstone')) as CornerstoneExtension);
  shareReact(bundlerRequire());
  await loadScript(bundleUrl);
  return { extension: globals['@ohif-medsam/extension'], mode: globals['@ohif-medsam/mode'] };
}
