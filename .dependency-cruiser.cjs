/** The arrows of ARCHITECTURE.md: protocol <- {ports, features, session} <- {adapters, transport, tools, panels} <- compose <- main. */
const feature = '^server/src/(series|segment|propagate|segmentation|dicomSeg|presence|evaluate|provision)/';
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'protocol-stands-alone',
      severity: 'error',
      from: { path: '^protocol/src' },
      to: { path: '^(server|extension|tests)/' },
    },
    {
      name: 'protocol-does-no-io',
      severity: 'error',
      from: { path: '^protocol/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'server-knows-no-extension',
      severity: 'error',
      from: { path: '^server/src' },
      to: { path: '^(extension|tests)/' },
    },
    {
      name: 'extension-knows-no-server',
      severity: 'error',
      from: { path: '^extension/src' },
      to: { path: '^(server|tests)/' },
    },
    {
      name: 'features-know-ports-only',
      severity: 'error',
      from: { path: feature, pathNot: '\\.test\\.ts$' },
      to: { path: '^server/src/(adapters|transport|cli|compose|main|app|settings)' },
    },
    {
      name: 'ports-know-protocol-only',
      severity: 'error',
      from: { path: '^server/src/ports/' },
      to: { path: '^server/src/', pathNot: '^server/src/ports/' },
    },
    {
      name: 'adapters-know-no-transport',
      severity: 'error',
      from: { path: '^server/src/adapters/' },
      to: { path: '^server/src/(transport|cli|compose|main|app)' },
    },
    {
      name: 'only-adapters-onnx-knows-onnxruntime',
      severity: 'error',
      from: { pathNot: '^server/src/adapters/onnx/|^tests/bench/' },
      to: { path: 'node_modules/onnxruntime' },
    },
    {
      name: 'only-adapters-dicom-knows-dcmjs',
      severity: 'error',
      from: { path: '^server/src', pathNot: '^server/src/adapters/dicom/' },
      to: { path: 'node_modules/(dcmjs|dicom-parser|@cornerstonejs/(dicom-codec|codec-))' },
    },
    {
      name: 'only-adapters-postgres-knows-sql',
      severity: 'error',
      from: { path: '^server/src', pathNot: '^server/src/adapters/postgres/' },
      to: { path: 'node_modules/(kysely|@electric-sql)' },
    },
    {
      name: 'session-is-pure',
      severity: 'error',
      from: { path: '^extension/src/session/' },
      to: { path: '^extension/src/(adapters|panels|tools|compose)|node_modules/(react|@cornerstonejs)' },
    },
    {
      name: 'only-index-knows-compose',
      severity: 'error',
      from: { path: '^extension/src/(adapters|modules|panels|session|tools)/' },
      to: { path: '^extension/src/(compose|index)' },
    },
    {
      name: 'adapters-and-tools-know-no-panels',
      severity: 'error',
      from: { path: '^extension/src/(adapters|tools)/' },
      to: { path: '^extension/src/(panels|modules)/' },
    },
    {
      name: 'only-transport-knows-socket-io',
      severity: 'error',
      from: { path: '^server/src', pathNot: '^server/src/transport/' },
      to: { path: 'node_modules/socket\\.io' },
    },
    {
      name: 'panels-know-no-adapters',
      severity: 'error',
      from: { path: '^extension/src/(panels|tools)/' },
      to: { path: '^extension/src/adapters/' },
    },
    {
      name: 'only-adapters-and-tools-know-cornerstone',
      severity: 'error',
      from: { path: '^extension/src', pathNot: '^extension/src/(adapters|tools)/' },
      to: { path: 'node_modules/@cornerstonejs' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], extensions: ['.ts', '.tsx', '.js'] },
  },
};
