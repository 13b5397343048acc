/**
 * What changes with OHIF 3.14, which loads plugins by itself (its plugin contract v1) and shares React and cornerstone with
 * them: the host shim falls away, and the same bundle is named by descriptors. Everything else is as in app-config.js.
 * Not served by this server, which pins OHIF 3.13; for a viewer of your own.
 */
const plugin = {
  // A UMD bundle: the viewer reads the plugin from window[globalName] once the script has run.
  importPath: '/medsam/index.umd.js',
  coreVersionRange: '>=3.14.0-beta.0 <4',
};

window.config = {
  name: 'MedSAM',
  routerBasename: '/',
  extensions: [{ ...plugin, packageName: '@ohif-medsam/extension', globalName: '@ohif-medsam/extension' }],
  // The mode stands in the same bundle, under a global of its own.
  modes: [{ ...plugin, packageName: '@ohif-medsam/mode', globalName: '@ohif-medsam/mode' }],
  // Only where the bundle comes from another origin than the viewer; its descriptors then need an `integrity` too.
  // runtimePluginOrigins: ['https://medsam.example.org'],
  showStudyList: true,
  customizationService: {
    mode: { segmentation: ['@ohif-medsam/extension.customizationModule.segmentation'] },
  },
  defaultDataSourceName: 'dicomweb',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'dicomweb',
      configuration: {
        friendlyName: 'Archive',
        name: 'archive',
        qidoRoot: '/dicom-web',
        wadoRoot: '/dicom-web',
        wadoUriRoot: '/dicom-web',
        qidoSupportsIncludeField: true,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        omitQuotationForMultipartRequest: true,
      },
    },
  ],
};
