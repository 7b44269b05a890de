/**
 * Storage, databases, streams and secrets. The form is explained in ../managed-policy-table.ts.
 */
export const data = (): string => `
= AmazonS3FullAccess v2 2015-02-06T18:40:58Z 2021-09-27T20:16:37Z ANPAIFIR6V6BVTRAHWINE
  Provides full access to all buckets via the AWS Management Console.
Allow
a s3:* s3-object-lambda:*
= AmazonS3ReadOnlyAccess v3 2015-02-06T18:40:59Z 2023-08-10T21:31:39Z ANPAIZTJ4DXE7G6AGAE6M
  Provides read only access to all buckets via the AWS Management Console.
Allow
a s3:Get* List* Describe* s3-object-lambda:Get* List*
= AmazonDynamoDBFullAccess v15 2015-02-06T18:40:11Z 2021-01-29T17:38:30Z -
  Provides full access to Amazon DynamoDB via the AWS Management Console.
Allow
a dynamodb:* dax:* application-autoscaling:DeleteScalingPolicy DeregisterScalableTarget DescribeScalableTargets
  DescribeScalingActivities DescribeScalingPolicies PutScalingPolicy RegisterScalableTarget cloudwatch:DeleteAlarms
  DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric GetMetricStatistics ListMetrics PutMetricAlarm
  GetMetricData datapipeline:ActivatePipeline CreatePipeline DeletePipeline DescribeObjects DescribePipelines
  GetPipelineDefinition ListPipelines PutPipelineDefinition QueryObjects ec2:DescribeVpcs DescribeSubnets
  DescribeSecurityGroups iam:GetRole ListRoles kms:DescribeKey ListAliases sns:CreateTopic DeleteTopic
  ListSubscriptions ListSubscriptionsByTopic ListTopics Subscribe Unsubscribe SetTopicAttributes lambda:CreateFunction
  ListFunctions ListEventSourceMappings CreateEventSourceMapping DeleteEventSourceMapping GetFunctionConfiguration
  DeleteFunction resource-groups:ListGroups ListGroupResources GetGroup GetGroupQuery DeleteGroup CreateGroup
  tag:GetResources kinesis:ListStreams DescribeStream DescribeStreamSummary
Allow
a cloudwatch:GetInsightRuleReport
r arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*
Allow
a+ iam:PassRole
c {"StringLike": {"iam:PassedToService": ["application-autoscaling.amazonaws.com",
  "application-autoscaling.amazonaws.com.cn", "dax.amazonaws.com"]}}
Allow
a+ iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": ["replication.dynamodb.amazonaws.com", "dax.amazonaws.com",
  "dynamodb.application-autoscaling.amazonaws.com", "contributorinsights.dynamodb.amazonaws.com",
  "kinesisreplication.dynamodb.amazonaws.com"]}}
= AmazonDynamoDBFullAccess_v2 v3 2025-05-22T14:52:06Z 2026-02-12T18:02:57Z -
Allow DDBAndDAXFullAccess
a dynamodb:* dax:*
Allow KMSIntegration
a kms:DescribeKey ListAliases
Allow LambdaIntegration
a lambda:ListEventSourceMappings ListFunctions
Allow DaxSNSIntegration
a+ sns:ListTopics
Allow ApplicationAutoscalingIntegration
a application-autoscaling:DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget
c {"StringEquals": {"application-autoscaling:service-namespace": "dynamodb"}}
Allow ApplicationAutoscalingDescribeActions
a application-autoscaling:DescribeScalableTargets DescribeScalingActivities DescribeScalingPolicies
Allow TagManagement
a+ tag:GetResources
Allow CloudwatchMonitoring
a cloudwatch:DescribeAlarms GetMetricStatistics GetMetricData
Allow ListKinesisResources
a kinesis:ListStreams DescribeStream DescribeStreamSummary
Allow ListEC2ResourcesForDaxClusterCreation
a ec2:DescribeVpcs DescribeSubnets DescribeSecurityGroups
Allow CloudwatchInsightsRules
a cloudwatch:GetInsightRuleReport
r arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*
Allow ServiceRoleCreation
a+ iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": ["replication.dynamodb.amazonaws.com", "dax.amazonaws.com",
  "dynamodb.application-autoscaling.amazonaws.com", "contributorinsights.dynamodb.amazonaws.com",
  "kinesisreplication.dynamodb.amazonaws.com"]}}
Allow IamIntegration
a+ iam:ListRoles
r+ *
= AmazonDynamoDBReadOnlyAccess v15 2015-02-06T18:40:12Z 2024-11-18T17:38:15Z ANPAIY2XFNA232XJ6J7X2
  Provides read only access to Amazon DynamoDB via the AWS Management Console.
Allow GeneralReadOnlyAccess
a application-autoscaling:DescribeScalableTargets DescribeScalingActivities DescribeScalingPolicies
  cloudwatch:DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric GetMetricStatistics ListMetrics GetMetricData
  datapipeline:DescribeObjects DescribePipelines GetPipelineDefinition ListPipelines QueryObjects
  dynamodb:BatchGetItem Describe* List* GetAbacStatus GetItem GetResourcePolicy Query Scan PartiQLSelect dax:Describe*
  List* GetItem BatchGetItem Query Scan ec2:DescribeVpcs DescribeSubnets DescribeSecurityGroups iam:GetRole ListRoles
  kms:DescribeKey ListAliases sns:ListSubscriptionsByTopic ListTopics lambda:ListFunctions ListEventSourceMappings
  GetFunctionConfiguration resource-groups:ListGroups ListGroupResources GetGroup GetGroupQuery tag:GetResources
  kinesis:ListStreams DescribeStream DescribeStreamSummary
Allow CCIAccess
a cloudwatch:GetInsightRuleReport
r arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*
= AmazonRDSFullAccess v14 2015-02-06T18:40:52Z 2023-08-17T23:00:17Z -
  Provides full access to Amazon RDS via the AWS Management Console.
Allow
a rds:* application-autoscaling:DeleteScalingPolicy DeregisterScalableTarget DescribeScalableTargets
  DescribeScalingActivities DescribeScalingPolicies PutScalingPolicy RegisterScalableTarget cloudwatch:DescribeAlarms
  GetMetricStatistics PutMetricAlarm DeleteAlarms ListMetrics GetMetricData ec2:DescribeAccountAttributes
  DescribeAvailabilityZones DescribeCoipPools DescribeInternetGateways DescribeLocalGatewayRouteTablePermissions
  DescribeLocalGatewayRouteTables DescribeLocalGatewayRouteTableVpcAssociations DescribeLocalGateways
  DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcs GetCoipPoolUsage sns:ListSubscriptions
  ListTopics Publish logs:DescribeLogStreams GetLogEvents outposts:GetOutpostInstanceTypes
  devops-guru:GetResourceCollection
Allow
a pi:*
r arn:aws:pi:*:*:metrics/rds/* arn:aws:pi:*:*:perf-reports/rds/*
Allow
a iam:CreateServiceLinkedRole
c {"StringLike": {"iam:AWSServiceName": ["rds.amazonaws.com", "rds.application-autoscaling.amazonaws.com"]}}
Allow
a devops-guru:SearchInsights ListAnomaliesForInsight
c {"ForAllValues:StringEquals": {"devops-guru:ServiceNames": ["RDS"]}, "Null": {"devops-guru:ServiceNames": "false"}}
= AmazonRDSReadOnlyAccess v7 2015-02-06T18:40:53Z 2023-04-14T12:32:09Z -
  Provides read only access to Amazon RDS via the AWS Management Console.
Allow
a rds:Describe* ListTagsForResource ec2:DescribeAccountAttributes DescribeAvailabilityZones DescribeInternetGateways
  DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcs
Allow
a cloudwatch:GetMetricStatistics ListMetrics GetMetricData logs:DescribeLogStreams GetLogEvents
  devops-guru:GetResourceCollection
Allow
a devops-guru:SearchInsights ListAnomaliesForInsight
c {"ForAllValues:StringEquals": {"devops-guru:ServiceNames": ["RDS"]}, "Null": {"devops-guru:ServiceNames": "false"}}
= service-role/AmazonRDSEnhancedMonitoringRole v1 2015-11-11T19:58:29Z 2015-11-11T19:58:29Z -
  Provides access to Cloudwatch for RDS Enhanced Monitoring
Allow EnableCreationAndManagementOfRDSCloudwatchLogGroups
a logs:CreateLogGroup PutRetentionPolicy
r+ arn:aws:logs:*:*:log-group:RDS*
Allow EnableCreationAndManagementOfRDSCloudwatchLogStreams
a logs:CreateLogStream PutLogEvents DescribeLogStreams GetLogEvents
r+ arn:aws:logs:*:*:log-group:RDS*:log-stream:*
= AmazonAthenaFullAccess v15 2016-11-30T16:46:01Z 2026-02-12T18:03:09Z -
  Provide full access to Amazon Athena and scoped access to the dependencies needed to enable querying, writing
  results, and data management.
Allow BaseAthenaPermissions
a+ athena:*
r+ *
Allow BaseGluePermissions
a glue:CreateDatabase DeleteDatabase GetCatalog GetCatalogs GetDatabase GetDatabases UpdateDatabase CreateTable
  DeleteTable BatchDeleteTable UpdateTable GetTable GetTables BatchCreatePartition CreatePartition DeletePartition
  BatchDeletePartition UpdatePartition GetPartition GetPartitions BatchGetPartition StartColumnStatisticsTaskRun
  GetColumnStatisticsTaskRun GetColumnStatisticsTaskRuns GetCatalogImportStatus
r+ *
Allow BaseQueryResultsPermissions
a s3:GetBucketLocation GetObject ListBucket ListBucketMultipartUploads ListMultipartUploadParts AbortMultipartUpload
  CreateBucket PutObject PutBucketPublicAccessBlock
r+ arn:aws:s3:::aws-athena-query-results-*
Allow BaseAthenaExamplesPermissions
a s3:GetObject ListBucket
r+ arn:aws:s3:::athena-examples*
Allow BaseS3BucketPermissions
a s3:ListBucket GetBucketLocation ListAllMyBuckets
r+ *
Allow BaseSNSPermissions
a sns:ListTopics GetTopicAttributes
r+ *
Allow BaseCloudWatchPermissions
a cloudwatch:PutMetricAlarm DescribeAlarms DeleteAlarms GetMetricData
r+ *
Allow BaseLakeFormationPermissions
a+ lakeformation:GetDataAccess
r+ *
Allow BaseDataZonePermissions
a datazone:ListDomains ListProjects ListAccountEnvironments
r+ *
Allow BasePricingPermissions
a+ pricing:GetProducts
r+ *
= service-role/AWSGlueServiceRole v5 2017-08-14T13:37:21Z 2023-09-11T16:39:47Z -
  Policy for AWS Glue service role which allows access to related services including EC2, S3, and Cloudwatch Logs
Allow
a glue:* s3:GetBucketLocation ListBucket ListAllMyBuckets GetBucketAcl ec2:DescribeVpcEndpoints DescribeRouteTables
  CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets
  DescribeVpcAttribute iam:ListRolePolicies GetRole GetRolePolicy cloudwatch:PutMetricData
r+ *
Allow
a+ s3:CreateBucket
r+ arn:aws:s3:::aws-glue-*
Allow
a s3:GetObject PutObject DeleteObject
r arn:aws:s3:::aws-glue-*/* arn:aws:s3:::*/*aws-glue-*/*
Allow
a+ s3:GetObject
r arn:aws:s3:::crawler-public* arn:aws:s3:::aws-glue-*
Allow
a logs:CreateLogGroup CreateLogStream PutLogEvents
r+ arn:aws:logs:*:*:*:/aws-glue/*
Allow
a ec2:CreateTags DeleteTags
r arn:aws:ec2:*:*:network-interface/* arn:aws:ec2:*:*:security-group/* arn:aws:ec2:*:*:instance/*
c {"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}}
= AmazonKinesisFullAccess v1 2015-02-06T18:40:29Z 2015-02-06T18:40:29Z -
  Provides full access to all streams via the AWS Management Console.
Allow
a kinesis:*
= AmazonKinesisReadOnlyAccess v1 2015-02-06T18:40:30Z 2015-02-06T18:40:30Z -
  Provides read only access to all streams via the AWS Management Console.
Allow
a kinesis:Get* List* Describe*
= AmazonKinesisFirehoseFullAccess v1 2015-10-07T18:45:26Z 2015-10-07T18:45:26Z -
  Provides full access to all Amazon Kinesis Firehose Delivery Streams.
Allow
a+ firehose:*
= SecretsManagerReadWrite v6 2018-04-04T18:05:29Z 2026-08-25T23:37:10Z -
  Provides read/write access to AWS Secrets Manager via the AWS Management Console. Note: this exludes IAM actions, so
  combine with IAMFullAccess if rotation configuration is required.
Allow BasePermissions
a secretsmanager:* cloudformation:CreateChangeSet DescribeChangeSet DescribeStackResource DescribeStacks
  ExecuteChangeSet docdb-elastic:GetCluster ListClusters ec2:DescribeSecurityGroups DescribeSubnets DescribeVpcs
  kms:DescribeKey ListAliases ListKeys lambda:ListFunctions rds:DescribeDBClusters DescribeDBInstances
  redshift:DescribeClusters redshift-serverless:ListWorkgroups GetNamespace tag:GetResources
Allow LambdaPermissions
a lambda:AddPermission CreateFunction GetFunction InvokeFunction UpdateFunctionConfiguration
r arn:aws:lambda:*:*:function:SecretsManager*
Allow SARPermissions
a serverlessrepo:CreateCloudFormationChangeSet GetApplication
r arn:aws:serverlessrepo:*:*:applications/SecretsManager*
Allow S3Permissions
a+ s3:GetObject
r arn:aws:s3:::awsserverlessrepo-changesets* arn:aws:s3:::secrets-manager-rotation-apps-*/*
Allow CloudFormationTagOnCreate
a cloudformation:TagResource UntagResource
c {"StringEquals": {"cloudformation:CreateAction": ["CreateChangeSet", "ExecuteChangeSet"]}}
= AWSKeyManagementServicePowerUser v2 2015-02-06T18:40:40Z 2017-03-07T00:55:11Z -
  Provides access to AWS Key Management Service (KMS).
Allow
a kms:CreateAlias CreateKey DeleteAlias Describe* GenerateRandom Get* List* TagResource UntagResource iam:ListGroups
  ListRoles ListUsers
`;
