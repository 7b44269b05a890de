/**
 * The whole account, IAM and organisations. The form is explained in ../managed-policy-table.ts.
 * Simplified: ReadOnlyAccess and SecurityAudit, of which only the services that people use most are here.
 */
export const account = (): string => `
= AdministratorAccess v1 2015-02-06T18:39:46Z 2015-02-06T18:39:46Z ANPAIWMBCKSKIEE64ZLYK
  Provides full access to AWS services and resources.
Allow
a *
= PowerUserAccess v12 2015-02-06T18:39:47Z 2026-02-12T17:59:14Z ANPAJYRXTHIB4FOVS3ZXS
  Provides full access to AWS services and resources, but does not allow management of Users and groups.
Allow
n iam:* organizations:* account:*
Allow
a account:GetAccountInformation GetGovCloudAccountInformation GetPrimaryEmail ListRegions iam:CreateServiceLinkedRole
  DeleteServiceLinkedRole ListRoles organizations:DescribeEffectivePolicy DescribeOrganization
= ReadOnlyAccess v188 2015-02-06T18:39:48Z 2026-07-21T18:42:30Z ANPAILL3HVNFSB6DCOWYQ
  Provides read-only access to AWS services and resources.
Allow ReadOnlyActionsGroup1
a access-analyzer:GetAccessPreview GetAnalyzedResource GetAnalyzer GetArchiveRule GetFinding GetFindingsStatistics
  GetGeneratedPolicy ListAccessPreviewFindings ListAccessPreviews ListAnalyzedResources ListAnalyzers ListArchiveRules
  ListFindings ListPolicyGenerations ListTagsForResource ValidatePolicy account:GetAccountInformation
  GetAlternateContact GetContactInformation GetGovCloudAccountInformation GetPrimaryEmail GetRegionOptStatus
  ListRegions acm-pca:Describe* Get* List* acm:Describe* Get* List* SearchCertificates apigateway:GET GetPortal
  GetPortalProduct GetProductPage GetProductRestEndpointPage GetRoutingRule ListPortalProducts ListPortals
  ListProductPages ListProductRestEndpointPages ListRoutingRules appconfig:GetApplication GetConfiguration
  GetConfigurationProfile GetDeployment GetDeploymentStrategy GetEnvironment GetExtension
  GetHostedConfigurationVersion ListApplications ListConfigurationProfiles ListDeployments ListDeploymentStrategies
  ListEnvironments ListExtensions ListHostedConfigurationVersions ListTagsForResource
  application-autoscaling:Describe* GetPredictiveScalingForecast ListTagsForResource
  apprunner:DescribeAutoScalingConfiguration DescribeCustomDomains DescribeObservabilityConfiguration DescribeService
  DescribeVpcConnector DescribeVpcIngressConnection DescribeWebAclForService ListAssociatedServicesForWebAcl
  ListAutoScalingConfigurations ListConnections ListObservabilityConfigurations ListOperations ListServices
  ListServicesForAutoScalingConfiguration ListTagsForResource ListVpcConnectors ListVpcIngressConnections appsync:Get*
  List* athena:Batch* Get* List* autoscaling-plans:Describe* GetScalingPlanResourceForecastData autoscaling:Describe*
  GetPredictiveScalingForecast backup:Describe* Get* List* batch:Describe* List* bedrock:GetAgent GetAgentActionGroup
  GetAgentAlias GetAgentCollaborator GetAgentKnowledgeBase GetAgentVersion GetCustomModel GetDataSource
  GetEvaluationJob GetFlow GetFlowAlias GetFlowVersion GetFoundationModel GetFoundationModelAvailability GetGuardrail
  GetInferenceProfile GetIngestionJob GetKnowledgeBase GetModelCustomizationJob GetModelInvocationJob
  GetModelInvocationLoggingConfiguration GetPrompt GetProvisionedModelThroughput GetResourcePolicy
  GetUseCaseForModelAccess ListAgentActionGroups ListAgentAliases ListAgentCollaborators ListAgentKnowledgeBases
  ListAgents ListAgentVersions ListCustomModels ListDataSources ListEnforcedGuardrailsConfiguration ListEvaluationJobs
  ListFlowAliases ListFlows ListFlowVersions ListFoundationModelAgreementOffers ListFoundationModels ListGuardrails
  ListInferenceProfiles ListIngestionJobs ListKnowledgeBases ListModelCustomizationJobs ListModelInvocationJobs
  ListPrompts ListProvisionedModelThroughputs budgets:Describe* ListTagsForResource View*
  ce:DescribeCostCategoryDefinition DescribeNotificationSubscription DescribeReport GetAnomalies GetAnomalyMonitors
  GetAnomalySubscriptions GetApproximateUsageRecords GetCommitmentPurchaseAnalysis GetCostAndUsage
  GetCostAndUsageComparisons GetCostAndUsageWithResources GetCostCategories GetCostComparisonDrivers GetCostForecast
  GetDimensionValues GetPreferences GetReservationCoverage GetReservationPurchaseRecommendation
  GetReservationUtilization GetRightsizingRecommendation GetSavingsPlanPurchaseRecommendationDetails
  GetSavingsPlansCoverage GetSavingsPlansPurchaseRecommendation GetSavingsPlansUtilization
  GetSavingsPlansUtilizationDetails GetTags GetUsageForecast ListCommitmentPurchaseAnalyses
  ListCostAllocationTagBackfillHistory ListCostAllocationTags ListCostCategoryDefinitions
  ListCostCategoryResourceAssociations ListSavingsPlansPurchaseRecommendationGeneration ListTagsForResource
  cloudformation:BatchDescribeTypeConfigurations Describe* Detect* Estimate* Get* List* ValidateTemplate
  cloudfront:Describe* Get* List* cloudtrail:Describe* Get* List* LookupEvents cloudwatch:Describe* GenerateQuery
  GenerateQueryResultsSummary Get* List* codeartifact:DescribeDomain DescribePackage DescribePackageVersion
  DescribeRepository GetAuthorizationToken GetDomainPermissionsPolicy GetPackageVersionAsset GetPackageVersionReadme
  GetRepositoryEndpoint GetRepositoryPermissionsPolicy ListDomains ListPackages ListPackageVersionAssets
  ListPackageVersionDependencies ListPackageVersions ListRepositories ListRepositoriesInDomain ListTagsForResource
  ReadFromRepository codebuild:BatchGet* DescribeCodeCoverages DescribeTestCases List* codecommit:BatchGet* Describe*
  Get* GitPull List* codeconnections:GetConnection GetHost GetRepositoryLink GetRepositorySyncStatus
  GetResourceSyncStatus GetSyncConfiguration ListConnections ListHosts ListRepositoryLinks
  ListRepositorySyncDefinitions ListSyncConfigurations ListTagsForResource codedeploy:BatchGet* Get* List*
  codepipeline:Get* List* codestar-connections:GetConnection GetHost GetRepositoryLink GetRepositorySyncStatus
  GetResourceSyncStatus GetSyncConfiguration ListConnections ListHosts ListRepositoryLinks
  ListRepositorySyncDefinitions ListSyncConfigurations ListTagsForResource cognito-identity:Describe*
  GetCredentialsForIdentity GetIdentityPoolAnalytics GetIdentityPoolDailyAnalytics GetIdentityPoolRoles
  GetIdentityProviderDailyAnalytics GetOpenIdToken GetOpenIdTokenForDeveloperIdentity List* Lookup*
  cognito-idp:AdminGet* AdminList* Describe* Get* List* config:BatchGetAggregateResourceConfig BatchGetResourceConfig
  Deliver* Describe* Get* List* SelectAggregateResourceConfig SelectResourceConfig dax:BatchGetItem Describe* GetItem
  ListTags Query Scan directconnect:Describe* dms:Describe* List* Test* ds:Check* Describe* Get* List* Verify*
  dynamodb:BatchGet* Describe* Get* List* PartiQLSelect Query Scan ec2:Describe* DescribeInstanceImageMetadata Get*
  ListImagesInRecycleBin ListSnapshotsInRecycleBin SearchLocalGatewayRoutes SearchTransitGatewayRoutes
  ecr-public:BatchCheckLayerAvailability DescribeImages DescribeImageTags DescribeRegistries DescribeRepositories
  GetAuthorizationToken GetRegistryCatalogData GetRepositoryCatalogData GetRepositoryPolicy ListTagsForResource
  ecr:BatchCheck* BatchGet* Describe* Get* List* ecs:Describe* GetTaskProtection List* eks:AccessKubernetesApi
  Describe* List* elasticache:Describe* List* elasticbeanstalk:Check* Describe* List* Request* Retrieve* Validate*
  elasticfilesystem:Describe* ListTagsForResource elasticloadbalancing:Describe* elasticmapreduce:Describe*
  GetBlockPublicAccessConfiguration List* View* es:Describe* ESHttpGet ESHttpHead Get* List* events:Describe* List*
  Test* firehose:Describe* List* fsx:Describe* List* glacier:Describe* Get* List* globalaccelerator:Describe* List*
  glue:BatchGetCrawlers BatchGetDevEndpoints BatchGetJobs BatchGetPartition BatchGetTableOptimizer BatchGetTriggers
  BatchGetWorkflows CheckSchemaVersionValidity GetCatalog GetCatalogImportStatus GetCatalogs GetClassifier
  GetClassifiers GetCrawler GetCrawlerMetrics GetCrawlers GetDatabase GetDatabases GetDataCatalogEncryptionSettings
  GetDataflowGraph GetDevEndpoint GetDevEndpoints GetJob GetJobBookmark GetJobRun GetJobRuns GetJobs GetMapping
  GetMLTaskRun GetMLTaskRuns GetMLTransform GetMLTransforms GetPartition GetPartitions GetPlan GetRegistry
  GetResourcePolicy GetSchema GetSchemaByDefinition GetSchemaVersion GetSchemaVersionsDiff GetSecurityConfiguration
  GetSecurityConfigurations GetSession GetStatement GetTable GetTableOptimizer GetTables GetTableVersion
  GetTableVersions GetTags GetTrigger GetTriggers GetUserDefinedFunction GetUserDefinedFunctions GetWorkflow
  GetWorkflowRun GetWorkflowRunProperties GetWorkflowRuns ListCrawlers ListCrawls ListDevEndpoints ListJobs
  ListMLTransforms ListRegistries ListSchemas ListSchemaVersions ListSessions ListStatements ListTableOptimizerRuns
  ListTriggers ListWorkflows QuerySchemaVersionMetadata SearchTables guardduty:Describe* Get* List* health:Describe*
  iam:Generate* Get* List* Simulate* imagebuilder:Get* List* inspector2:BatchGetAccountStatus BatchGetCodeSnippet
  BatchGetFreeTrialInfo BatchGetMemberEc2DeepInspectionStatus DescribeOrganizationConfiguration GetCisScanReport
  GetConfiguration GetDelegatedAdminAccount GetEc2DeepInspectionConfiguration GetEncryptionKey GetFindingsReportStatus
  GetMember GetSbomExport ListAccountPermissions ListCisScanConfigurations ListCisScans ListCoverage
  ListCoverageStatistics ListDelegatedAdminAccounts ListFilters ListFindingAggregations ListFindings ListMembers
  ListTagsForResource ListUsageTotals SearchVulnerabilities
Allow ReadOnlyActionsGroup2
a kafka:Describe* DescribeCluster DescribeClusterOperation DescribeClusterV2 DescribeConfiguration
  DescribeConfigurationRevision Get* GetBootstrapBrokers GetCompatibleKafkaVersions List* ListClusterOperations
  ListClusters ListClustersV2 ListConfigurationRevisions ListConfigurations ListKafkaVersions ListNodes
  ListTagsForResource kinesis:Describe* Get* List* kms:Describe* Get* List* lakeformation:DescribeResource
  GetDataCellsFilter GetDataLakeSettings GetEffectivePermissionsForPath GetLfTag GetResourceLfTags ListDataCellsFilter
  ListLfTags ListPermissions ListResources ListTableStorageOptimizers SearchDatabasesByLfTags SearchTablesByLfTags
  lambda:Get* List* logs:Describe* FilterLogEvents Get* ListAggregateLogGroupSummaries ListAnomalies
  ListEntitiesForLogGroup ListIntegrations ListLogAnomalyDetectors ListLogDeliveries ListLogGroupsForEntity
  ListLogGroupsForQuery ListScheduledQueries ListSourcesForS3TableIntegration ListTagsForResource ListTagsLogGroup
  StartLiveTail StartQuery StopLiveTail StopQuery TestMetricFilter memorydb:DescribeAcls DescribeClusters
  DescribeEngineVersions DescribeEvents DescribeMultiRegionClusters DescribeMultiRegionParameterGroups
  DescribeMultiRegionParameters DescribeParameterGroups DescribeParameters DescribeReservedNodes
  DescribeReservedNodesOfferings DescribeServiceUpdates DescribeSnapshots DescribeSubnetGroups DescribeUsers
  ListAllowedMultiRegionClusterUpdates ListAllowedNodeTypeUpdates ListTags mq:Describe* List*
  network-firewall:DescribeFirewall DescribeFirewallPolicy DescribeLoggingConfiguration DescribeProxy
  DescribeProxyConfiguration DescribeProxyRule DescribeProxyRuleGroup DescribeResourcePolicy DescribeRuleGroup
  DescribeRuleGroupMetadata DescribeTLSInspectionConfiguration ListFirewallPolicies ListFirewalls ListProxies
  ListProxyConfigurations ListProxyRuleGroups ListRuleGroups ListTagsForResource ListTLSInspectionConfigurations
  organizations:Describe* List* pipes:DescribePipe ListPipes ListTagsForResource ram:Get* List* rds:Describe*
  Download* List* redshift-serverless:GetCustomDomainAssociation GetEndpointAccess GetNamespace GetRecoveryPoint
  GetResourcePolicy GetScheduledAction GetSnapshot GetTableRestoreStatus GetUsageLimit GetWorkgroup
  ListCustomDomainAssociations ListEndpointAccess ListNamespaces ListRecoveryPoints ListScheduledActions
  ListSnapshotCopyConfigurations ListSnapshots ListTableRestoreStatus ListTagsForResource ListUsageLimits
  ListWorkgroups redshift:Describe* GetReservedNodeExchangeOfferings ListRecommendations View* resource-groups:Get*
  List* Search* rolesanywhere:GetCrl GetProfile GetSubject GetTrustAnchor ListCrls ListProfiles ListSubjects
  ListTagsForResource ListTrustAnchors route53:Get* List* Test* route53domains:Check* Get* List* View*
  route53resolver:Get* List* s3:DescribeJob Get* List* s3express:GetAccessPoint GetAccessPointPolicy
  GetAccessPointScope GetBucketPolicy GetEncryptionConfiguration GetLifecycleConfiguration
  ListAccessPointsForDirectoryBuckets ListAllMyDirectoryBuckets ListTagsForResource sagemaker:Describe*
  GetSearchSuggestions List* Search scheduler:GetSchedule GetScheduleGroup ListScheduleGroups ListSchedules
  ListTagsForResource schemas:Describe* Get* List* Search* secretsmanager:Describe* GetResourcePolicy List*
  securityhub:BatchGetAutomationRules BatchGetConfigurationPolicyAssociations BatchGetControlEvaluations
  BatchGetSecurityControls BatchGetStandardsControlAssociations Describe* Get* List* serverlessrepo:Get* List*
  SearchApplications servicecatalog:Describe* GetApplication GetAttributeGroup List* Scan* Search*
  servicediscovery:DiscoverInstances DiscoverInstancesRevision Get* List*
  servicequotas:GetAssociationForServiceQuotaTemplate GetAutoManagementConfiguration GetAWSDefaultServiceQuota
  GetQuotaUtilizationReport GetRequestedServiceQuotaChange GetServiceQuota GetServiceQuotaIncreaseRequestFromTemplate
  ListAWSDefaultServiceQuotas ListRequestedServiceQuotaChangeHistory ListRequestedServiceQuotaChangeHistoryByQuota
  ListServiceQuotaIncreaseRequestsInTemplate ListServiceQuotas ListServices StartQuotaUtilizationReport
  ses:BatchGetMetricData Describe* Get* List* shield:Describe* Get* List* sns:Check* Get* List* sqs:Get* List*
  Receive* ssm:Describe* Get* List* sso:Describe* Get* List* states:Describe* GetExecutionHistory List*
  ValidateStateMachineDefinition storagegateway:Describe* List* sts:GetAccessKeyInfo GetCallerIdentity GetSessionToken
  support:DescribeAttachment DescribeCaseAttributes DescribeCases DescribeCommunication DescribeCommunications
  DescribeCreateCaseOptions DescribeIssueTypes DescribeServices DescribeSeverityLevels DescribeSupportedLanguages
  DescribeSupportLevel DescribeTrustedAdvisorCheckRefreshStatuses DescribeTrustedAdvisorCheckResult
  DescribeTrustedAdvisorChecks DescribeTrustedAdvisorCheckSummaries SearchForCases tag:DescribeReportCreation Get*
  transfer:Describe* List* TestIdentityProvider trustedadvisor:Describe* GetOrganizationRecommendation
  GetRecommendation ListChecks ListOrganizationRecommendationAccounts ListOrganizationRecommendationResources
  ListOrganizationRecommendations ListRecommendationResources ListRecommendations waf-regional:Get* List* waf:Get*
  List* wafv2:CheckCapacity Describe* Get* List* wellarchitected:ExportLens GetAnswer GetConsolidatedReport GetLens
  GetLensReview GetLensReviewReport GetLensVersionDifference GetMilestone GetProfile GetProfileTemplate
  GetReviewTemplate GetReviewTemplateAnswer GetReviewTemplateLensReview GetWorkload List* xray:BatchGet*
  CancelTraceRetrieval Get* ListResourcePolicies ListRetrievedTraces ListTagsForResource StartTraceRetrieval
Allow S3ExpressReadOnlySessionObjectAccess
a+ s3express:CreateSession
c {"StringEquals": {"s3express:SessionMode": "ReadOnly"}}
= IAMFullAccess v2 2015-02-06T18:40:38Z 2019-06-21T19:40:00Z ANPAI7XKCFMBPM3QQRRVQ
  Provides full access to IAM via the AWS Management Console.
Allow
a iam:* organizations:DescribeAccount DescribeOrganization DescribeOrganizationalUnit DescribePolicy ListChildren
  ListParents ListPoliciesForTarget ListRoots ListPolicies ListTargetsForPolicy
= IAMReadOnlyAccess v4 2015-02-06T18:40:39Z 2018-01-25T19:11:27Z ANPAJKSO7NDY4T57MWDSQ
  Provides read only access to IAM via the AWS Management Console.
Allow
a iam:GenerateCredentialReport GenerateServiceLastAccessedDetails Get* List* SimulateCustomPolicy
  SimulatePrincipalPolicy
= IAMUserChangePassword v5 2016-11-15T00:25:16Z 2026-02-12T17:58:57Z -
  Provides the ability for an IAM user to change their own password.
Allow
a+ iam:ChangePassword
r arn:aws:iam::*:user/\${aws:username} arn:aws:iam::*:user/*/\${aws:username}
Allow
a+ iam:GetAccountPasswordPolicy
= IAMUserSSHKeys v1 2015-07-09T17:08:54Z 2015-07-09T17:08:54Z -
  Provides the ability for an IAM user to manage their own SSH keys.
Allow
a iam:DeleteSSHPublicKey GetSSHPublicKey ListSSHPublicKeys UpdateSSHPublicKey UploadSSHPublicKey
r arn:aws:iam::*:user/\${aws:username}
= AWSDenyAll v2 2019-05-01T22:36:14Z 2023-12-18T16:42:05Z -
  Deny all access.
Deny DenyAll
a+ *
= AWSSupportAccess v4 2015-02-06T18:41:11Z 2026-02-12T17:59:31Z -
  Allows users to access the AWS Support Center.
Allow
a support:* support-console:*
= AWSOrganizationsFullAccess v9 2018-11-06T20:31:57Z 2026-02-12T17:59:07Z -
  Provides full access to AWS Organizations.
Allow AWSOrganizationsFullAccess
a organizations:*
Allow AWSOrganizationsFullAccessAccount
a account:PutAlternateContact DeleteAlternateContact GetAlternateContact GetContactInformation PutContactInformation
  ListRegions EnableRegion DisableRegion PutAccountName GetAccountInformation
Allow AWSOrganizationsFullAccessCreateSLR
a iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": "organizations.amazonaws.com"}}
= AWSOrganizationsReadOnlyAccess v6 2018-11-06T20:32:38Z 2024-06-07T21:32:16Z -
  Provides read only access to AWS Organizations.
Allow AWSOrganizationsReadOnly
a organizations:Describe* List*
Allow AWSOrganizationsReadOnlyAccount
a account:GetAlternateContact GetContactInformation ListRegions GetRegionOptStatus GetPrimaryEmail
= SecurityAudit v92 2015-02-06T18:41:01Z 2026-08-17T15:27:26Z -
  The security audit template grants access to read security configuration metadata. It is useful for software that
  audits the configuration of an AWS account.
Allow BaseSecurityAuditStatement
a access-analyzer:GetAnalyzedResource GetAnalyzer GetArchiveRule GetFinding ListAnalyzedResources ListAnalyzers
  ListArchiveRules ListFindings ListTagsForResource account:GetAccountInformation GetAlternateContact GetPrimaryEmail
  GetRegionOptStatus acm-pca:DescribeCertificateAuthority DescribeCertificateAuthorityAuditReport GetPolicy
  ListCertificateAuthorities ListPermissions ListTags acm:Describe* List* application-autoscaling:Describe*
  apprunner:DescribeAutoScalingConfiguration DescribeCustomDomains DescribeObservabilityConfiguration DescribeService
  DescribeVpcConnector DescribeVpcIngressConnection ListAutoScalingConfigurations ListConnections
  ListObservabilityConfigurations ListOperations ListServices ListTagsForResource ListVpcConnectors
  ListVpcIngressConnections appsync:GetApiCache List* athena:GetWorkGroup List* autoscaling-plans:DescribeScalingPlans
  autoscaling:Describe* backup:DescribeGlobalSettings DescribeRegionSettings GetBackupVaultAccessPolicy
  GetBackupVaultNotifications ListBackupVaults ListTags batch:DescribeComputeEnvironments DescribeJobDefinitions
  bedrock:GetAgent GetAgentAlias GetAgentKnowledgeBase GetCustomModel GetFlowAlias GetFoundationModel
  GetFoundationModelAvailability GetImportedModel GetInferenceProfile GetIngestionJob GetKnowledgeBaseDocuments
  GetMarketplaceModelEndpoint GetModelCopyJob GetModelCustomizationJob GetModelImportJob
  GetModelInvocationLoggingConfiguration GetPromptRouter GetProvisionedModelThroughput ListAgentActionGroups
  ListAgentAliases ListAgentKnowledgeBases ListAgents ListAgentVersions ListCustomModels ListDataSources
  ListEvaluationJobs ListFlowAliases ListFlows ListFlowVersions ListFoundationModels ListGuardrails ListImportedModels
  ListInferenceProfiles ListIngestionJobs ListKnowledgeBases ListMarketplaceModelEndpoints ListModelCopyJobs
  ListModelCustomizationJobs ListModelImportJobs ListModelInvocationJobs ListPromptRouters ListPrompts
  ListProvisionedModelThroughputs ListTagsForResource cloudformation:DescribeStack* GetStackPolicy GetTemplate
  ListStackResources ListStack* cloudfront:Get* List* cloudtrail:DescribeTrails GetEventSelectors GetInsightSelectors
  GetTrail GetTrailStatus ListTags ListTrails LookupEvents cloudwatch:Describe* GetDashboard ListDashboards
  ListTagsForResource codeartifact:GetDomainPermissionsPolicy GetRepositoryPermissionsPolicy ListRepositories
  codebuild:BatchGetProjects GetResourcePolicy ListProjects ListSourceCredentials codecommit:BatchGetRepositories
  GetBranch GetObjectIdentifier GetRepository GetRepositoryTriggers List* codedeploy:Batch* Get* List*
  codepipeline:GetJobDetails GetPipeline GetPipelineExecution GetPipelineState ListPipelines
  cognito-identity:Describe* GetIdentityPoolRoles ListIdentityPools ListTagsForResource cognito-idp:Describe*
  ListDevices ListGroups ListIdentityProviders ListResourceServers ListTagsForResource ListUserImportJobs
  ListUserPoolClients ListUserPools ListUsers ListUsersInGroup config:BatchGetAggregateResourceConfig
  BatchGetResourceConfig Deliver* Describe* Get* List* SelectAggregateResourceConfig SelectResourceConfig
  dax:Describe* ListTags directconnect:Describe* dms:Describe* ListTagsForResource ds:DescribeDirectories
  dynamodb:DescribeContinuousBackups DescribeExport DescribeGlobalTable DescribeKinesisStreamingDestination
  DescribeTable DescribeTimeToLive GetResourcePolicy ListBackups ListExports ListGlobalTables ListStreams ListTables
  ListTagsOfResource ec2:Describe* GetAllowedImagesSettings GetEbsDefaultKmsKeyId GetEbsEncryptionByDefault
  GetImageBlockPublicAccessState GetInstanceMetadataDefaults GetManagedPrefixListAssociations
  GetManagedPrefixListEntries GetNetworkInsightsAccessScopeAnalysisFindings GetNetworkInsightsAccessScopeContent
  GetSerialConsoleAccessStatus GetSnapshotBlockPublicAccessState GetTransitGatewayAttachmentPropagations
  GetTransitGatewayMulticastDomainAssociations GetTransitGatewayPrefixListReferences
  GetTransitGatewayPrefixListReferences GetTransitGatewayRouteTableAssociations
  GetTransitGatewayRouteTablePropagations SearchTransitGatewayRoutes SearchTransitGatewayRoutes
  ecr-public:DescribeImages DescribeImageTags DescribeRegistries DescribeRepositories GetRegistryCatalogData
  GetRepositoryCatalogData GetRepositoryPolicy ListTagsForResource ecr:BatchGetRepositoryScanningConfiguration
  DescribeImages DescribeImageScanFindings DescribeRegistry DescribeRepositories GetLifecyclePolicy GetRegistryPolicy
  GetRegistryScanningConfiguration GetRepositoryPolicy ListImages ListTagsForResource ecs:Describe* List*
  eks:DescribeAccessEntry DescribeCluster DescribeFargateProfile DescribeNodeGroup ListAccessEntries
  ListAssociatedAccessPolicies ListClusters ListFargateProfiles ListNodeGroups ListTagsForResource ListUpdates
  elasticache:Describe* ListTagsForResource elasticbeanstalk:Describe* ListTagsForResource
  elasticfilesystem:DescribeAccessPoints DescribeAccountPreferences DescribeBackupPolicy DescribeFileSystemPolicy
  DescribeFileSystems DescribeLifecycleConfiguration DescribeMountTargets DescribeMountTargetSecurityGroups
  DescribeReplicationConfigurations DescribeTags elasticloadbalancing:Describe* elasticmapreduce:Describe*
  GetAutoTerminationPolicy GetBlockPublicAccessConfiguration GetManagedScalingPolicy ListClusters ListInstances
  ListSecurityConfigurations es:Describe* GetCompatibleVersions ListDomainNames ListElasticsearchInstanceTypeDetails
  ListElasticsearchVersions ListTags events:Describe* List* TestEventPattern firehose:Describe* List* fsx:Describe*
  List* glacier:DescribeVault GetDataRetrievalPolicy GetVaultAccessPolicy GetVaultLock ListVaults
  globalaccelerator:Describe* List* glue:GetCrawlers GetDatabases GetDataCatalogEncryptionSettings GetDevEndpoints
  GetJobBookmark GetJobs GetResourcePolicy GetSecurityConfiguration GetSecurityConfigurations GetTags
  guardduty:DescribeMalwareScans DescribeOrganizationConfiguration DescribePublishingDestination Get* List*
  health:DescribeAffectedAccountsForOrganization DescribeAffectedEntities DescribeAffectedEntitiesForOrganization
  DescribeEntityAggregates DescribeEventAggregates DescribeEventDetails DescribeEventDetailsForOrganization
  DescribeEvents DescribeEventsForOrganization DescribeEventTypes DescribeHealthServiceStatusForOrganization
  iam:GenerateCredentialReport GenerateServiceLastAccessedDetails Get* List* SimulateCustomPolicy
  SimulatePrincipalPolicy inspector2:BatchGetAccountStatus BatchGetFreeTrialInfo DescribeOrganizationConfiguration
  GetConfiguration GetDelegatedAdminAccount GetFindingsReportStatus GetMember ListAccountPermissions ListCoverage
  ListCoverageStatistics ListDelegatedAdminAccounts ListFilters ListFindingAggregations ListFindings
  ListTagsForResource ListUsageTotals kafka:Describe* GetBootstrapBrokers GetCompatibleKafkaVersions List*
  kinesis:DescribeLimits DescribeStream DescribeStreamConsumer DescribeStreamSummary ListShards ListStreamConsumers
  ListStreams ListTagsForStream kms:Describe* Get* List* lambda:GetAccountSettings GetFunctionCodeSigningConfig
  GetFunctionConcurrency GetFunctionConfiguration GetFunctionEventInvokeConfig GetFunctionUrlConfig
  GetLayerVersionPolicy GetPolicy GetRuntimeManagementConfig List* logs:Describe* GetLogDelivery ListLogDeliveries
  ListTagsForResource ListTagsLogGroup memorydb:DescribeClusters mq:DescribeBroker DescribeBrokerEngineTypes
  DescribeBrokerInstanceOptions DescribeConfiguration DescribeConfigurationRevision DescribeUser ListBrokers
  ListConfigurationRevisions ListConfigurations ListTags ListUsers network-firewall:DescribeFirewall
  DescribeFirewallPolicy DescribeLoggingConfiguration DescribeResourcePolicy DescribeRuleGroup ListFirewallPolicies
  ListFirewalls ListRuleGroups organizations:Describe* List* ram:GetResourceShares List* rds:Describe*
  DownloadDBLogFilePortion ListTagsForResource redshift-serverless:GetNamespace ListTagsForResource ListWorkgroups
  redshift:Describe* resource-groups:ListGroupResources rolesanywhere:GetCrl GetProfile GetSubject GetTrustAnchor
  ListCrls ListProfiles ListSubjects ListTagsForResource ListTrustAnchors route53:Get* List*
  route53domains:GetDomainDetail GetOperationDetail ListDomains ListOperations ListTagsForDomain route53resolver:Get*
  List* s3:DescribeJob GetAccelerateConfiguration GetAccessGrantsInstanceResourcePolicy GetAccessPoint
  GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda GetAccessPointPolicy
  GetAccessPointPolicyForObjectLambda GetAccessPointPolicyStatus GetAccessPointPolicyStatusForObjectLambda
  GetAccountPublicAccessBlock GetAnalyticsConfiguration GetBucket* GetEncryptionConfiguration
  GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration GetMultiRegionAccessPoint
  GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus GetObjectAcl GetObjectTagging
  GetObjectVersionAcl GetReplicationConfiguration GetStorageLensConfiguration GetStorageLensGroup ListAccessGrants
  ListAccessGrantsInstances ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets ListBucket
  ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations ListStorageLensGroups
  s3express:GetBucketPolicy GetEncryptionConfiguration ListAllMyDirectoryBuckets sagemaker:Describe* List*
  schemas:DescribeCodeBinding DescribeDiscoverer DescribeRegistry DescribeSchema GetResourcePolicy ListDiscoverers
  ListRegistries ListSchemas ListSchemaVersions ListTagsForResource secretsmanager:DescribeSecret GetResourcePolicy
  ListSecrets ListSecretVersionIds securityhub:BatchGetAutomationRules BatchGetConfigurationPolicyAssociations
  BatchGetControlEvaluations BatchGetSecurityControls BatchGetStandardsControlAssociations Describe* Get* List*
  serverlessrepo:GetApplicationPolicy List* servicequotas:GetAssociationForServiceQuotaTemplate
  GetAWSDefaultServiceQuota GetRequestedServiceQuotaChange GetServiceQuota GetServiceQuotaIncreaseRequestFromTemplate
  ListAWSDefaultServiceQuotas ListRequestedServiceQuotaChangeHistory ListRequestedServiceQuotaChangeHistoryByQuota
  ListServiceQuotaIncreaseRequestsInTemplate ListServiceQuotas ListServices ListTagsForResource ses:Describe*
  GetAccount GetAccountSendingEnabled GetConfigurationSet GetConfigurationSetEventDestinations GetDedicatedIps
  GetEmailIdentity GetIdentityDkimAttributes GetIdentityPolicies GetIdentityVerificationAttributes
  ListConfigurationSets ListDedicatedIpPools ListIdentities ListIdentityPolicies ListReceiptFilters
  ListReceiptRuleSets ListVerifiedEmailAddresses shield:Describe* GetSubscriptionState List*
  sns:GetPlatformApplicationAttributes GetTopicAttributes ListSubscriptions ListSubscriptionsByTopic
  ListTagsForResource ListTopics sqs:GetQueueAttributes ListDeadLetterSourceQueues ListQueues ListQueueTags
  ssm:Describe* GetAutomationExecution GetServiceSetting ListAssociations ListAssociationVersions ListCommands
  ListComplianceItems ListComplianceSummaries ListDocumentMetadataHistory ListDocuments ListDocumentVersions
  ListInventoryEntries ListOpsMetadata ListResourceComplianceSummaries ListResourceDataSync ListTagsForResource
  sso:DescribeAccountAssignmentCreationStatus DescribeAccountAssignmentDeletionStatus DescribeApplication
  DescribeApplicationAssignment DescribeApplicationProvider DescribeInstance
  DescribeInstanceAccessControlAttributeConfiguration DescribePermissionSet DescribePermissionSetProvisioningStatus
  DescribeRegion DescribeTrustedTokenIssuer GetApplicationAccessScope GetApplicationAssignmentConfiguration
  GetApplicationAuthenticationMethod GetApplicationGrant GetApplicationSessionConfiguration
  GetInlinePolicyForPermissionSet GetPermissionsBoundaryForPermissionSet ListAccountAssignmentCreationStatus
  ListAccountAssignmentDeletionStatus ListAccountAssignments ListAccountAssignmentsForPrincipal
  ListAccountsForProvisionedPermissionSet ListApplicationAccessScopes ListApplicationAssignments
  ListApplicationAssignmentsForPrincipal ListApplicationAuthenticationMethods ListApplicationGrants
  ListApplicationInstanceCertificates ListApplicationInstances ListApplicationProviders ListApplications
  ListApplicationTemplates ListCustomerManagedPolicyReferencesInPermissionSet ListDirectoryAssociations ListInstances
  ListManagedPoliciesInPermissionSet ListPermissionSetProvisioningStatus ListPermissionSets
  ListPermissionSetsProvisionedToAccount ListProfileAssociations ListProfiles ListRegions ListTagsForResource
  ListTrustedTokenIssuers states:DescribeStateMachine ListStateMachines ListTagsForResource
  storagegateway:DescribeBandwidthRateLimit DescribeCache DescribeCachediSCSIVolumes DescribeGatewayInformation
  DescribeMaintenanceStartTime DescribeNFSFileShares DescribeSnapshotSchedule DescribeStorediSCSIVolumes
  DescribeTapeArchives DescribeTapeRecoveryPoints DescribeTapes DescribeUploadBuffer DescribeVTLDevices
  DescribeWorkingStorage List* sts:GetAccessKeyInfo support:DescribeTrustedAdvisorCheckRefreshStatuses
  DescribeTrustedAdvisorCheckResult DescribeTrustedAdvisorChecks DescribeTrustedAdvisorCheckSummaries tag:GetResources
  GetTagKeys transfer:Describe* List* trustedadvisor:Describe* waf-regional:GetWebACL ListResourcesForWebACL
  ListTagsForResource ListWebACLs waf:GetWebACL ListTagsForResource ListWebACLs wafv2:GetLoggingConfiguration
  GetWebACL GetWebACLForResource ListAvailableManagedRuleGroups ListIPSets ListLoggingConfigurations
  ListRegexPatternSets ListResourcesForWebACL ListRuleGroups ListTagsForResource ListWebACLs xray:GetEncryptionConfig
  GetGroup GetGroups GetSamplingRules GetSamplingTargets GetTraceSummaries ListTagsForResource
Allow APIGatewayAccess
a+ apigateway:GET
r arn:aws:apigateway:*::/apis arn:aws:apigateway:*::/apis/*/authorizers/* arn:aws:apigateway:*::/apis/*/authorizers
  arn:aws:apigateway:*::/apis/*/cors arn:aws:apigateway:*::/apis/*/deployments/*
  arn:aws:apigateway:*::/apis/*/deployments arn:aws:apigateway:*::/apis/*/exports/*
  arn:aws:apigateway:*::/apis/*/integrations/* arn:aws:apigateway:*::/apis/*/integrations
  arn:aws:apigateway:*::/apis/*/models/* arn:aws:apigateway:*::/apis/*/models arn:aws:apigateway:*::/apis/*/routes/*
  arn:aws:apigateway:*::/apis/*/routes arn:aws:apigateway:*::/apis/*/stages arn:aws:apigateway:*::/apis/*/stages/*
  arn:aws:apigateway:*::/clientcertificates arn:aws:apigateway:*::/clientcertificates/*
  arn:aws:apigateway:*::/domainnames arn:aws:apigateway:*::/domainnames/*/apimappings arn:aws:apigateway:*::/restapis
  arn:aws:apigateway:*::/restapis/*/authorizers/* arn:aws:apigateway:*::/restapis/*/authorizers
  arn:aws:apigateway:*::/restapis/*/deployments/* arn:aws:apigateway:*::/restapis/*/deployments
  arn:aws:apigateway:*::/restapis/*/documentation/parts/* arn:aws:apigateway:*::/restapis/*/documentation/parts
  arn:aws:apigateway:*::/restapis/*/documentation/versions/* arn:aws:apigateway:*::/restapis/*/documentation/versions
  arn:aws:apigateway:*::/restapis/*/gatewayresponses/* arn:aws:apigateway:*::/restapis/*/gatewayresponses
  arn:aws:apigateway:*::/restapis/*/models/* arn:aws:apigateway:*::/restapis/*/models
  arn:aws:apigateway:*::/restapis/*/requestvalidators arn:aws:apigateway:*::/restapis/*/requestvalidators/*
  arn:aws:apigateway:*::/restapis/*/resources/* arn:aws:apigateway:*::/restapis/*/resources
  arn:aws:apigateway:*::/restapis/*/stages arn:aws:apigateway:*::/restapis/*/stages/* arn:aws:apigateway:*::/tags/*
  arn:aws:apigateway:*::/vpclinks
`;
