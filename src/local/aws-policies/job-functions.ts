/**
 * For job functions. The form is explained in ../managed-policy-table.ts.
 */
export const jobFunctions = (): string => `
= job-function/ViewOnlyAccess v45 2016-11-10T17:20:15Z 2026-04-22T18:12:21Z -
  This policy grants permissions to view resources and basic metadata across all AWS services.
Allow GeneralViewOnlyAccessStatement
a acm:ListCertificates aiops:GetInvestigation GetInvestigationGroup ListInvestigationEvents ListInvestigationGroups
  ListInvestigations athena:List* autoscaling:Describe* aws-marketplace:ViewSubscriptions backup:DescribeBackupJob
  DescribeBackupVault DescribeCopyJob DescribeFramework DescribeGlobalSettings DescribeProtectedResource
  DescribeRecoveryPoint DescribeRegionSettings DescribeReportJob DescribeReportPlan DescribeRestoreJob
  GetSupportedResourceTypes ListBackupJobs ListBackupPlans ListBackupPlanTemplates ListBackupPlanVersions
  ListBackupSelections ListBackupVaults ListCopyJobs ListFrameworks ListLegalHolds ListProtectedResources
  ListProtectedResourcesByBackupVault ListRecoveryPointsByBackupVault ListRecoveryPointsByLegalHold
  ListRecoveryPointsByResource ListReportJobs ListReportPlans ListRestoreJobs ListTags batch:ListJobs
  bedrock:ListCustomModels ListTagsForResource clouddirectory:ListAppliedSchemaArns ListDevelopmentSchemaArns
  ListDirectories ListPublishedSchemaArns cloudformation:DescribeStacks List* cloudfront:List*
  cloudsearch:DescribeDomains List* cloudtrail:DescribeTrails ListTrails LookupEvents cloudwatch:Get* List*
  codebuild:ListBuilds* ListProjects codecommit:List* codedeploy:BatchGetApplicationRevisions BatchGetApplications
  BatchGetDeploymentGroups BatchGetDeploymentInstances BatchGetDeployments BatchGetDeploymentTargets
  BatchGetOnPremisesInstances Get* List* codepipeline:ListPipelines codestar:List* cognito-identity:ListIdentities
  ListIdentityPools cognito-idp:List* cognito-sync:ListDatasets comprehend:Describe* List* config:Describe* List*
  connect:List* cost-optimization-hub:GetPreferences GetRecommendation ListEnrollmentStatuses ListRecommendations
  ListRecommendationSummaries databrew:ListJobs ListProjects datapipeline:DescribePipelines GetAccountLimits
  ListPipelines dax:DescribeClusters DescribeDefaultParameters DescribeEvents DescribeParameterGroups
  DescribeParameters DescribeSubnetGroups ListTags devicefarm:List* directconnect:Describe* discovery:List* dms:List*
  ds:DescribeDirectories dynamodb:DescribeBackup DescribeContinuousBackups DescribeGlobalTable
  DescribeGlobalTableSettings DescribeLimits DescribeReservedCapacity DescribeReservedCapacityOfferings DescribeStream
  DescribeTable DescribeTimeToLive ListBackups ListExports ListGlobalTables ListStreams ListTables ListTagsOfResource
  ec2:DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeBundleTasks
  DescribeCarrierGateways DescribeClassicLinkInstances DescribeConversionTasks DescribeCustomerGateways
  DescribeDhcpOptions DescribeExportTasks DescribeFlowLogs DescribeHost* DescribeIdentityIdFormat DescribeIdFormat
  DescribeImage* DescribeImport* DescribeInstance* DescribeInternetGateways DescribeKeyPairs
  DescribeLocalGatewayRouteTables DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations
  DescribeLocalGatewayRouteTableVpcAssociations DescribeLocalGateways DescribeLocalGatewayVirtualInterfaceGroups
  DescribeLocalGatewayVirtualInterfaces DescribeMovingAddresses DescribeNatGateways DescribeNetwork*
  DescribePlacementGroups DescribePrefixLists DescribeRegions DescribeReserved* DescribeRouteTables
  DescribeSecurityGroupRules DescribeSecurityGroups DescribeSnapshot* DescribeSpot* DescribeSubnets DescribeTags
  DescribeVolume* DescribeVpc* DescribeVpnGateways SearchLocalGatewayRoutes ecr:DescribeRegistry DescribeRepositories
  ListImages ecs:Describe* List* eks:DescribeAccessEntry DescribeAddon DescribeAddonConfiguration
  DescribeAddonVersions DescribeCapability DescribeCluster DescribeClusterVersions DescribeEksAnywhereSubscription
  DescribeFargateProfile DescribeIdentityProviderConfig DescribeInsight DescribeInsightsRefresh DescribeNodegroup
  DescribePodIdentityAssociation DescribeUpdate ListAccessEntries ListAccessPolicies ListAddons
  ListAssociatedAccessPolicies ListCapabilities ListClusters ListEksAnywhereSubscriptions ListFargateProfiles
  ListIdentityProviderConfigs ListInsights ListNodegroups ListPodIdentityAssociations ListTagsForResource ListUpdates
  elasticache:Describe* elasticbeanstalk:DescribeApplications DescribeApplicationVersions DescribeEnvironments
  ListAvailableSolutionStacks elasticfilesystem:DescribeFileSystems elasticloadbalancing:DescribeInstanceHealth
  DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTargetGroups DescribeTargetHealth
  elasticmapreduce:List* elastictranscoder:List* emr-serverless:ListApplications es:DescribeElasticsearchDomain
  DescribeElasticsearchDomains ListDomainNames events:ListRuleNamesByTarget ListRules ListTargetsByRule
  firehose:DescribeDeliveryStream List* fsx:DescribeFileSystems gamelift:List* glacier:List* glue:GetTags
  greengrass:List* iam:GetAccountSummary GetLoginProfile List* importexport:ListJobs inspector:List* iot:List*
  kafka:ListClusters kendra:ListDataSources ListTagsForResource kinesis:ListStreams kinesisanalytics:ListApplications
  ListTagsForResource kms:ListKeys ListResourceTags lambda:List* lex:GetBotAliases GetBotChannelAssociations GetBots
  GetBotVersions GetIntents GetIntentVersions GetSlotTypes GetSlotTypeVersions GetUtterancesView
  lightsail:GetBlueprints GetBundles GetInstances GetInstanceSnapshots GetKeyPair GetRegions GetStaticIps IsVpcPeered
  logs:Describe* GetTransformer ListEntitiesForLogGroup ListLogGroupsForEntity ListLogGroupsForQuery
  ListTagsForResource lookoutvision:ListModelPackagingJobs ListModels ListProjects m2:GetApplication GetEnvironment
  ListApplications ListEnvironments ListTagsForResource machinelearning:Describe* mediaconnect:ListEntitlements
  ListFlows ListOfferings ListReservations ListRouterInputs ListRouterOutputs ListRouterNetworkInterfaces
  mobiletargeting:GetApplicationSettings GetCampaigns GetImportJobs GetSegments oam:ListAttachedLinks ListLinks
  ListSinks opsworks-cm:Describe* opsworks:Describe* organizations:List* outposts:GetOutpost GetOutpostInstanceTypes
  ListOutposts ListSites ListTagsForResource polly:Describe* List* profile:ListDomains ListIntegrations rds:Describe*
  redshift-serverless:ListTagsForResource ListWorkgroups redshift:DescribeClusters DescribeEvents ViewQueriesInConsole
  resource-explorer-2:GetDefaultView GetIndex ListIndexes ListSupportedResourceTypes ListTagsForResource ListViews
  rolesanywhere:ListCrls ListProfiles ListSubjects ListTagsForResource ListTrustAnchors route53:Get* List*
  route53domains:List* route53profiles:GetProfile GetProfileAssociation GetProfileResourceAssociation
  ListProfileAssociations ListProfileResourceAssociations ListProfiles ListTagsForResource route53resolver:Get* List*
  s3:ListAllMyBuckets ListBucket ListMultiRegionAccessPoints sagemaker:Describe* List* sdb:List* servicecatalog:List*
  ses:DescribeActiveReceiptRuleSet List* ListDedicatedIpPools shield:List* sns:List* sqs:GetQueueAttributes
  GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueues ListQueueTags ssm:ListAssociations
  ListDocuments states:ListActivities ListExecutions ListMapRuns ListStateMachineAliases ListStateMachines
  ListStateMachineVersions storagegateway:ListGateways ListLocalDisks ListVolumeRecoveryPoints ListVolumes swf:List*
  trustedadvisor:Describe* uxc:GetAccountCustomizations ListServices waf-regional:List* waf:List* wafv2:List*
  workdocs:DescribeAvailableDirectories DescribeInstances workmail:Describe* workspaces:Describe*
  xray:GetEncryptionConfig GetGroups GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets
  GetTraceSegmentDestination ListResourcePolicies
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
= job-function/Billing v30 2016-11-10T17:33:18Z 2026-07-30T22:12:16Z -
  Grants permissions for billing and cost management. This includes viewing account usage and viewing and modifying
  budgets and payment methods.
Allow VisualEditor0
a account:GetAccountInformation aws-portal:*Billing *PaymentMethods *Usage billing:CreateBillingView DeleteBillingView
  GetBillingData GetBillingDetails GetBillingNotifications GetBillingPreferences GetBillingView GetContractInformation
  GetCredits GetIAMAccessPreference GetSellerOfRecord ListBillingViews PutContractInformation RedeemCredits
  GetResourcePolicy ListSourceViewsForBillingView ListTagsForResource TagResource UntagResource
  UpdateBillingPreferences UpdateBillingView UpdateIAMAccessPreference budgets:CreateBudgetAction DeleteBudgetAction
  DescribeBudgetActionsForBudget DescribeBudgetAction DescribeBudgetActionsForAccount DescribeBudgetActionHistories
  ExecuteBudgetAction ModifyBudget UpdateBudgetAction ViewBudget ce:CreateCostCategoryDefinition
  CreateNotificationSubscription CreateReport DeleteCostCategoryDefinition DeleteNotificationSubscription DeleteReport
  DescribeCostCategoryDefinition GetCostAndUsage ListCostAllocationTags ListCostCategoryDefinitions
  ListCostCategoryResourceAssociations ListTagsForResource TagResource UpdateCostAllocationTagsStatus
  UpdateNotificationSubscription UpdatePreferences UpdateReport UpdateCostCategoryDefinition UntagResource
  StartCostAllocationTagBackfill ListCostAllocationTagBackfillHistory GetTags GetDimensionValues
  consolidatedbilling:GetAccountBillingRole ListLinkedAccounts cur:DeleteReportDefinition DescribeReportDefinitions
  GetClassicReport GetClassicReportPreferences GetUsageReport ModifyReportDefinition PutClassicReportPreferences
  PutReportDefinition ValidateReportDestination freetier:GetFreeTierAlertPreference GetFreeTierUsage
  PutFreeTierAlertPreference invoicing:BatchGetInvoiceProfile CreateInvoiceUnit DeleteInvoiceUnit
  GetInvoiceEmailDeliveryPreferences GetInvoicePDF GetInvoiceUnit GetInvoiceCorrection ListInvoiceSummaries
  ListInvoiceUnits ListProcurementPortals ListProcurementPortalSuppliers CreateProcurementPortalPreference
  GetProcurementPortalPreference PutProcurementPortalPreference UpdateProcurementPortalPreferenceStatus
  ListProcurementPortalPreferences DeleteProcurementPortalPreference ListTagsForResource ListInvoiceCorrections
  StartInvoiceCorrection PutInvoiceEmailDeliveryPreferences SendProcurementPortalValidation TagResource UntagResource
  UpdateInvoiceUnit VerifyProcurementPortalValidation mapcredits:ListQuarterSpend ListAssociatedPrograms
  ListQuarterCredits payments:CreateFinancingApplication CreatePaymentInstrument DeletePaymentInstrument
  GetFinancingApplication GetFinancingLine GetFinancingLineWithdrawal GetFinancingOption GetPaymentInstrument
  GetPaymentStatus ListFinancingApplications ListFinancingLines ListFinancingLineWithdrawals ListPaymentPreferences
  ListPaymentProgramOptions ListPaymentProgramStatus ListTagsForResource ListPaymentInstruments MakePayment
  TagResource UntagResource UpdateFinancingApplication UpdatePaymentInstrument UpdatePaymentPreferences
  pricing:DescribeServices purchase-orders:AddPurchaseOrder DeletePurchaseOrder GetPurchaseOrder
  ListPurchaseOrderInvoices ListPurchaseOrders ListTagsForResource ModifyPurchaseOrders TagResource UntagResource
  UpdatePurchaseOrder UpdatePurchaseOrderStatus ViewPurchaseOrders support:CreateCase AddAttachmentsToSet
  sustainability:GetCarbonFootprintSummary tax:BatchPutTaxRegistration DeleteTaxRegistration GetExemptions
  GetTaxInheritance GetTaxInterview GetTaxRegistration GetTaxRegistrationDocument ListTaxRegistrations
  PutTaxInheritance PutTaxInterview PutTaxRegistration UpdateExemptions
= job-function/SystemAdministrator v12 2016-11-10T17:23:56Z 2026-02-12T18:02:37Z -
  Grants full access permissions necessary for resources required for application and development operations.
Allow
a acm:Describe* Get* List* Request* Resend* autoscaling:* cloudtrail:DescribeTrails GetTrailStatus ListPublicKeys
  ListTags LookupEvents StartLogging StopLogging cloudwatch:* codecommit:BatchGetRepositories CreateBranch
  CreateRepository Get* GitPull GitPush List* Put* Test* Update* codedeploy:* codepipeline:* config:* ds:*
  ec2:Allocate* AssignPrivateIpAddresses* Associate* Allocate* AttachInternetGateway AttachNetworkInterface
  AttachVpnGateway Bundle* Cancel* Copy* CreateCustomerGateway CreateDhcpOptions CreateFlowLogs CreateImage
  CreateInstanceExportTask CreateInternetGateway CreateKeyPair CreateLaunchTemplate CreateLaunchTemplateVersion
  CreateNatGateway CreateNetworkInterface CreatePlacementGroup CreateReservedInstancesListing CreateRoute
  CreateRouteTable CreateSecurityGroup CreateSnapshot CreateSpotDatafeedSubscription CreateSubnet CreateTags
  CreateVolume CreateVpc CreateVpcEndpoint CreateVpnConnection CreateVpnConnectionRoute CreateVpnGateway
  DeleteFlowLogs DeleteKeyPair DeleteLaunchTemplate DeleteLaunchTemplateVersions DeleteNatGateway
  DeleteNetworkInterface DeletePlacementGroup DeleteSnapshot DeleteSpotDatafeedSubscription DeleteSubnet DeleteTags
  DeleteVpc DeleteVpcEndpoints DeleteVpnConnection DeleteVpnConnectionRoute DeleteVpnGateway DeregisterImage Describe*
  DetachInternetGateway DetachNetworkInterface DetachVpnGateway DisableVgwRoutePropagation
  DisableVpcClassicLinkDnsSupport DisassociateAddress DisassociateRouteTable EnableVgwRoutePropagation EnableVolumeIO
  EnableVpcClassicLinkDnsSupport GetConsoleOutput GetHostReservationPurchasePreview GetLaunchTemplateData
  GetPasswordData GetSecurityGroupsForVpc Import* Modify* MonitorInstances MoveAddressToVpc Purchase* RegisterImage
  Release* Replace* ReportInstanceStatus Request* Reset* RestoreAddressToClassic RunScheduledInstances
  UnassignPrivateIpAddresses UnmonitorInstances UpdateSecurityGroupRuleDescriptionsEgress
  UpdateSecurityGroupRuleDescriptionsIngress elasticloadbalancing:* events:* iam:GetAccount* GetContextKeys*
  GetCredentialReport ListAccountAliases ListGroups ListOpenIDConnectProviders ListPolicies
  ListPoliciesGrantingServiceAccess ListRoles ListSAMLProviders ListServerCertificates Simulate*
  UpdateServerCertificate UpdateSigningCertificate kinesis:ListStreams PutRecord kms:CreateAlias CreateKey DeleteAlias
  Describe* GenerateRandom Get* List* Encrypt ReEncrypt* lambda:Create* Delete* Get* InvokeFunction List*
  PublishVersion Update* logs:* rds:Describe* ListTagsForResource rolesanywhere:GetCrl GetProfile GetSubject
  GetTrustAnchor ListCrls ListProfiles ListSubjects ListTagsForResource ListTrustAnchors PutNotificationSettings
  ResetNotificationSettings route53:* route53domains:* ses:* sns:* sqs:* trustedadvisor:*
Allow
a ec2:AcceptVpcPeeringConnection AttachClassicLinkVpc AttachVolume AuthorizeSecurityGroupEgress
  AuthorizeSecurityGroupIngress CreateVpcPeeringConnection DeleteCustomerGateway DeleteDhcpOptions
  DeleteInternetGateway DeleteNetworkAcl* DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteVolume
  DeleteVpcPeeringConnection DetachClassicLinkVpc DetachVolume DisableVpcClassicLink EnableVpcClassicLink
  GetConsoleScreenshot RebootInstances RejectVpcPeeringConnection RevokeSecurityGroupEgress RevokeSecurityGroupIngress
  RunInstances StartInstances StopInstances TerminateInstances
r+ *
Allow
a s3:*
r+ *
Allow
a iam:GetAccessKeyLastUsed GetGroup* GetInstanceProfile GetLoginProfile GetOpenIDConnectProvider GetPolicy* GetRole*
  GetSAMLProvider GetSSHPublicKey GetServerCertificate GetServiceLastAccessed* GetUser* ListAccessKeys ListAttached*
  ListEntitiesForPolicy ListGroupPolicies ListGroupsForUser ListInstanceProfiles* ListMFADevices ListPolicyVersions
  ListRolePolicies ListSSHPublicKeys ListSigningCertificates ListUserPolicies Upload*
r+ *
Allow
a iam:GetRole ListRoles PassRole
r arn:aws:iam::*:role/rds-monitoring-role arn:aws:iam::*:role/ec2-sysadmin-* arn:aws:iam::*:role/ecr-sysadmin-*
  arn:aws:iam::*:role/lambda-sysadmin-*
= job-function/NetworkAdministrator v16 2016-11-10T17:31:35Z 2026-07-09T14:42:15Z -
  Grants full access permissions to AWS services and actions required to set up and configure AWS network resources.
Allow AllowDefaultNetworkAdminActions
a autoscaling:Describe* cloudfront:ListDistributions cloudwatch:DeleteAlarms DescribeAlarms GetMetricStatistics
  PutMetricAlarm directconnect:* ec2:AcceptVpcEndpointConnections AllocateAddress AssignIpv6Addresses
  AssignPrivateIpAddresses AssociateAddress AssociateDhcpOptions AssociateRouteTable AssociateSubnetCidrBlock
  AssociateVpcCidrBlock AttachInternetGateway AttachNetworkInterface AttachVpnGateway CreateCarrierGateway
  CreateCustomerGateway CreateDefaultSubnet CreateDefaultVpc CreateDhcpOptions CreateEgressOnlyInternetGateway
  CreateFlowLogs CreateInternetGateway CreateNatGateway CreateNetworkAcl CreateNetworkAclEntry CreateNetworkInterface
  CreateNetworkInterfacePermission CreatePlacementGroup CreateRoute CreateRouteTable CreateSecurityGroup CreateSubnet
  CreateTags CreateVpc CreateVpcEndpoint CreateVpcEndpointConnectionNotification CreateVpcEndpointServiceConfiguration
  CreateVpnConnection CreateVpnConnectionRoute CreateVpnGateway DeleteCarrierGateway DeleteEgressOnlyInternetGateway
  DeleteFlowLogs DeleteNatGateway DeleteNetworkInterface DeleteNetworkInterfacePermission DeletePlacementGroup
  DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpointConnectionNotifications DeleteVpcEndpointServiceConfigurations
  DeleteVpcEndpoints DeleteVpnConnection DeleteVpnConnectionRoute DeleteVpnGateway DescribeAccountAttributes
  DescribeAddresses DescribeAvailabilityZones DescribeCarrierGateways DescribeClassicLinkInstances
  DescribeCustomerGateways DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs DescribeInstances
  DescribeInternetGateways DescribeIpv6Pools DescribeKeyPairs DescribeMovingAddresses DescribeNatGateways
  DescribeNetworkAcls DescribeNetworkInterfaceAttribute DescribeNetworkInterfacePermissions DescribeNetworkInterfaces
  DescribePlacementGroups DescribePrefixLists DescribePublicIpv4Pools DescribeRouteTables
  DescribeSecurityGroupReferences DescribeSecurityGroupRules DescribeSecurityGroups DescribeStaleSecurityGroups
  DescribeSubnets DescribeTags DescribeVpcAttribute DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport
  DescribeVpcEndpointConnectionNotifications DescribeVpcEndpointConnections DescribeVpcEndpointServiceConfigurations
  DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices DescribeVpcEndpoints DescribeVpcPeeringConnections
  DescribeVpcs DescribeVpnConnections DescribeVpnGateways DetachInternetGateway DetachNetworkInterface
  DetachVpnGateway DisableVgwRoutePropagation DisableVpcClassicLinkDnsSupport DisassociateAddress
  DisassociateRouteTable DisassociateSubnetCidrBlock DisassociateVpcCidrBlock EnableVgwRoutePropagation
  EnableVpcClassicLinkDnsSupport GetVpnConnectionDeviceSampleConfiguration GetVpnConnectionDeviceTypes
  GetVpnTunnelReplacementStatus ModifyNetworkInterfaceAttribute ModifySecurityGroupRules ModifySubnetAttribute
  ModifyVpcAttribute ModifyVpcEndpoint ModifyVpcEndpointConnectionNotification ModifyVpcEndpointServiceConfiguration
  ModifyVpcEndpointServicePermissions ModifyVpcPeeringConnectionOptions ModifyVpcTenancy ModifyVpnConnection
  ModifyVpnConnectionOptions ModifyVpnTunnelCertificate ModifyVpnTunnelOptions MoveAddressToVpc
  RejectVpcEndpointConnections ReleaseAddress ReplaceNetworkAclAssociation ReplaceNetworkAclEntry ReplaceRoute
  ReplaceRouteTableAssociation ReplaceVpnTunnel ResetNetworkInterfaceAttribute RestoreAddressToClassic
  UnassignIpv6Addresses UnassignPrivateIpAddresses UpdateSecurityGroupRuleDescriptionsEgress
  UpdateSecurityGroupRuleDescriptionsIngress elasticbeanstalk:Describe* List* RequestEnvironmentInfo
  RetrieveEnvironmentInfo elasticloadbalancing:* interconnect:AcceptConnectionProposal CreateConnection
  DeleteConnection DescribeConnectionProposal GetConnection GetEnvironment ListAttachPoints ListConnections
  ListEnvironments ListTagsForResource TagResource UntagResource UpdateConnection logs:DescribeLogGroups
  DescribeLogStreams GetLogEvents route53:* route53domains:* sns:CreateTopic ListSubscriptionsByTopic ListTopics
Allow AllowVPCPermissions
a ec2:AcceptVpcPeeringConnection AssociateSecurityGroupVpc AttachClassicLinkVpc AuthorizeSecurityGroupEgress
  AuthorizeSecurityGroupIngress CreateVpcPeeringConnection DeleteCustomerGateway DeleteDhcpOptions
  DeleteInternetGateway DeleteNetworkAcl DeleteNetworkAclEntry DeleteRoute DeleteRouteTable DeleteSecurityGroup
  DeleteVolume DeleteVpcPeeringConnection DescribeSecurityGroupVpcAssociations DetachClassicLinkVpc
  DisableVpcClassicLink DisassociateSecurityGroupVpc EnableVpcClassicLink GetConsoleScreenshot GetSecurityGroupsForVpc
  RejectVpcPeeringConnection RevokeSecurityGroupEgress RevokeSecurityGroupIngress
r+ *
Allow AllowLocalGatewayPermissions
a ec2:CreateLocalGatewayRoute CreateLocalGatewayRouteTableVpcAssociation DeleteLocalGatewayRoute
  DeleteLocalGatewayRouteTableVpcAssociation DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations
  DescribeLocalGatewayRouteTableVpcAssociations DescribeLocalGatewayRouteTables
  DescribeLocalGatewayVirtualInterfaceGroups DescribeLocalGatewayVirtualInterfaces DescribeLocalGateways
  SearchLocalGatewayRoutes
Allow DiscoverBuckets
a s3:GetBucketLocation GetBucketWebsite ListBucket
r+ *
Allow DiscoverFlowLogRoles
a iam:GetRole ListRoles PassRole
r arn:aws:iam::*:role/flow-logs-*
Allow NetworkmanagerPermissions
a+ networkmanager:*
Allow TransitGatewayPermissions
a ec2:AcceptTransitGatewayVpcAttachment AssociateTransitGatewayRouteTable CreateTransitGateway
  CreateTransitGatewayRoute CreateTransitGatewayRouteTable CreateTransitGatewayVpcAttachment DeleteTransitGateway
  DeleteTransitGatewayRoute DeleteTransitGatewayRouteTable DeleteTransitGatewayVpcAttachment
  DescribeTransitGatewayAttachments DescribeTransitGatewayRouteTables DescribeTransitGateways
  DescribeTransitGatewayVpcAttachments DisableTransitGatewayRouteTablePropagation DisassociateTransitGatewayRouteTable
  EnableTransitGatewayRouteTablePropagation ExportTransitGatewayRoutes GetTransitGatewayAttachmentPropagations
  GetTransitGatewayRouteTableAssociations GetTransitGatewayRouteTablePropagations ModifyTransitGateway
  ModifyTransitGatewayVpcAttachment RejectTransitGatewayVpcAttachment ReplaceTransitGatewayRoute
  SearchTransitGatewayRoutes
Allow AllowTransitGatewaySLRCreation
a+ iam:CreateServiceLinkedRole
c {"StringLike": {"iam:AWSServiceName": ["transitgateway.amazonaws.com"]}}
= job-function/DatabaseAdministrator v5 2016-11-10T17:25:43Z 2026-02-12T18:02:20Z -
  Grants full access permissions to AWS services and actions required to set up and configure AWS database services.
Allow
a cloudwatch:DeleteAlarms Describe* DisableAlarmActions EnableAlarmActions Get* List* PutMetricAlarm
  datapipeline:ActivatePipeline CreatePipeline DeletePipeline DescribeObjects DescribePipelines GetPipelineDefinition
  ListPipelines PutPipelineDefinition QueryObjects dynamodb:* ec2:DescribeAccountAttributes DescribeAddresses
  DescribeAvailabilityZones DescribeInternetGateways DescribeSecurityGroups DescribeSubnets DescribeVpcs elasticache:*
  iam:ListRoles GetRole kms:ListKeys lambda:CreateEventSourceMapping CreateFunction DeleteEventSourceMapping
  DeleteFunction GetFunctionConfiguration ListEventSourceMappings ListFunctions logs:DescribeLogGroups
  DescribeLogStreams FilterLogEvents GetLogEvents Create* PutLogEvents PutMetricFilter
  pi:CreatePerformanceAnalysisReport DeletePerformanceAnalysisReport DescribeDimensionKeys GetDimensionKeyDetails
  GetPerformanceAnalysisReport GetResourceMetadata GetResourceMetrics ListAvailableResourceDimensions
  ListAvailableResourceMetrics ListPerformanceAnalysisReports ListTagsForResource TagResource UntagResource rds:*
  redshift:* s3:CreateBucket sns:CreateTopic DeleteTopic Get* List* SetTopicAttributes Subscribe Unsubscribe
Allow
a s3:AbortMultipartUpload DeleteObject* Get* List* PutAccelerateConfiguration PutBucketTagging PutBucketVersioning
  PutBucketWebsite PutLifecycleConfiguration PutReplicationConfiguration PutObject* Replicate* RestoreObject
r+ *
Allow
a+ iam:PassRole
r arn:aws:iam::*:role/rds-monitoring-role arn:aws:iam::*:role/rdbms-lambda-access arn:aws:iam::*:role/lambda_exec_role
  arn:aws:iam::*:role/lambda-dynamodb-* arn:aws:iam::*:role/lambda-vpc-execution-role
  arn:aws:iam::*:role/DataPipelineDefaultRole arn:aws:iam::*:role/DataPipelineDefaultResourceRole
= job-function/DataScientist v5 2016-11-10T17:28:48Z 2019-12-03T16:48:34Z -
  Grants permissions to AWS data analytics services.
Allow
a autoscaling:* cloudwatch:* cloudformation:CreateStack DescribeStackEvents datapipeline:Describe* ListPipelines
  GetPipelineDefinition QueryObjects dynamodb:* ec2:CancelSpotInstanceRequests CancelSpotFleetRequests CreateTags
  DeleteTags Describe* ModifyImageAttribute ModifyInstanceAttribute ModifySpotFleetRequest RequestSpotInstances
  RequestSpotFleet elasticfilesystem:* elasticmapreduce:* es:* firehose:* fsx:DescribeFileSystems
  iam:GetInstanceProfile GetRole GetPolicy GetPolicyVersion ListRoles kinesis:* kms:List* lambda:Create* Delete* Get*
  InvokeFunction PublishVersion Update* List* machinelearning:* sdb:* rds:* sns:ListSubscriptions ListTopics
  logs:DescribeLogStreams GetLogEvents redshift:* s3:CreateBucket sns:CreateTopic Get* List*
Allow
a s3:Abort* DeleteObject Get* List* PutAccelerateConfiguration PutBucketCors PutBucketLogging PutBucketNotification
  PutBucketTagging PutObject Replicate* RestoreObject
r+ *
Allow
a ec2:RunInstances TerminateInstances
r+ *
Allow
a+ iam:PassRole
r arn:aws:iam::*:role/DataPipelineDefaultRole arn:aws:iam::*:role/DataPipelineDefaultResourceRole
  arn:aws:iam::*:role/EMR_EC2_DefaultRole arn:aws:iam::*:role/EMR_DefaultRole arn:aws:iam::*:role/kinesis-*
Allow
a+ iam:PassRole
c {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
Allow
a+ sagemaker:*
q arn:aws:sagemaker:*:*:domain/* arn:aws:sagemaker:*:*:user-profile/* arn:aws:sagemaker:*:*:app/*
  arn:aws:sagemaker:*:*:flow-definition/*
Allow
a sagemaker:CreatePresignedDomainUrl DescribeDomain ListDomains DescribeUserProfile ListUserProfiles *App ListApps
Allow
a sagemaker:*FlowDefinition *FlowDefinitions
c {"StringEqualsIfExists": {"sagemaker:WorkteamType": ["private-crowd", "vendor-crowd"]}}
= job-function/SupportUser v11 2016-11-10T17:21:53Z 2026-02-12T18:03:12Z -
  This policy grants permissions to troubleshoot and resolve issues in an AWS account. This policy also enables the
  user to contact AWS support to create and manage cases.
Allow
a support:* acm:DescribeCertificate GetCertificate List* acm-pca:DescribeCertificateAuthority
  ListCertificateAuthorities apigateway:GET autoscaling:Describe* aws-marketplace:ViewSubscriptions
  cloudformation:Describe* Get* List* EstimateTemplateCost cloudfront:Get* List* cloudsearch:Describe* List*
  cloudtrail:DescribeTrails GetTrailStatus LookupEvents ListTags ListPublicKeys cloudwatch:Describe* Get* List*
  codecommit:BatchGetRepositories Get* List* codedeploy:Batch* Get* List* codepipeline:AcknowledgeJob
  AcknowledgeThirdPartyJob ListActionTypes ListPipelines PollForJobs PollForThirdPartyJobs GetPipelineState
  GetPipeline cognito-identity:List* LookupDeveloperIdentity Describe* cognito-idp:DescribeResourceServer
  DescribeRiskConfiguration DescribeUserImportJob DescribeUserPool DescribeUserPoolDomain List* cognito-sync:Describe*
  GetBulkPublishDetails GetCognitoEvents GetIdentityPoolConfiguration List* config:DescribeConfigurationRecorders
  DescribeConfigurationRecorderStatus DescribeConfigRuleEvaluationStatus DescribeConfigRules DescribeDeliveryChannels
  DescribeDeliveryChannelStatus GetResourceConfigHistory ListDiscoveredResources datapipeline:DescribeObjects
  DescribePipelines GetPipelineDefinition ListPipelines QueryObjects ReportTaskProgress ReportTaskRunnerHeartbeat
  devicefarm:List* Get* directconnect:Describe* discovery:Describe* ListConfigurations dms:Describe* List*
  ds:DescribeDirectories DescribeSnapshots GetDirectoryLimits GetSnapshotLimits ListAuthorizedApplications
  dynamodb:DescribeLimits DescribeTable ListTables ec2:Describe* DescribeHosts describeIdentityIdFormat
  DescribeIdFormat DescribeInstanceAttribute DescribeNatGateways DescribeReservedInstancesModifications DescribeTags
  SearchLocalGatewayRoutes ecr:GetRepositoryPolicy BatchCheckLayerAvailability DescribeRepositories ListImages
  ecs:Describe* List* elasticache:Describe* List* elasticbeanstalk:Check* Describe* List* RequestEnvironmentInfo
  RetrieveEnvironmentInfo ValidateConfigurationSettings elasticfilesystem:Describe* elasticloadbalancing:Describe*
  elasticmapreduce:Describe* List* elastictranscoder:List* ReadJob elasticfilesystem:DescribeFileSystems es:Describe*
  List* ESHttpGet ESHttpHead events:DescribeRule List* TestEventPattern firehose:Describe* List* gamelift:List*
  Describe* glacier:ListVaults DescribeVault DescribeJob Get* List* iam:GenerateCredentialReport
  GenerateServiceLastAccessedDetails Get* List* importexport:GetStatus ListJobs inspector:Describe* List*
  iot:Describe* Get* List* kinesisanalytics:DescribeApplication DiscoverInputSchema GetApplicationState
  ListApplications kinesis:Describe* Get* List* kms:Describe* Get* List* lambda:List* Get* logs:Describe*
  TestMetricFilter machinelearning:Describe* Get* opsworks:Describe* rds:Describe* ListTagsForResource
  redshift:Describe* rolesanywhere:GetCrl GetProfile GetSubject GetTrustAnchor ListCrls ListProfiles ListSubjects
  ListTagsForResource ListTrustAnchors route53:Get* List* route53domains:CheckDomainAvailability GetDomainDetail
  GetOperationDetail List* s3:List* sdb:GetAttributes List* Select* servicecatalog:SearchProducts DescribeProduct
  DescribeProductView ListLaunchPaths DescribeProvisioningParameters ListRecordHistory DescribeRecord
  ScanProvisionedProducts ses:Get* List* sns:Get* List* sqs:GetQueueAttributes GetQueueUrl ListQueues ReceiveMessage
  ssm:List* Describe* storagegateway:Describe* List* swf:Count* Describe* Get* List* waf:Get* List* workdocs:Describe*
  workmail:Describe* Get* workspaces:Describe*
`;
