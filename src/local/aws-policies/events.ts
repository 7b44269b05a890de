/**
 * Queues, topics, events, logs and traces. The form is explained in ../managed-policy-table.ts.
 */
export const events = (): string => `
= AmazonSQSFullAccess v1 2015-02-06T18:41:07Z 2015-02-06T18:41:07Z -
  Provides full access to Amazon SQS via the AWS Management Console.
Allow
a+ sqs:*
= AmazonSQSReadOnlyAccess v4 2015-02-06T18:41:08Z 2024-05-24T18:16:44Z -
  Provides read only access to Amazon SQS via the AWS Management Console.
Allow AmazonSQSReadOnlyAccess
a sqs:GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListQueues ListMessageMoveTasks ListQueueTags
= AmazonSNSFullAccess v2 2015-02-06T18:41:05Z 2024-09-24T22:32:05Z -
  Provides full access to Amazon SNS via the AWS Management Console.
Allow SNSFullAccess
a sns:*
Allow SMSAccessViaSNS
a sms-voice:DescribeVerifiedDestinationNumbers CreateVerifiedDestinationNumber SendDestinationNumberVerificationCode
  SendTextMessage DeleteVerifiedDestinationNumber VerifyDestinationNumber DescribeAccountAttributes
  DescribeSpendLimits DescribePhoneNumbers SetTextMessageSpendLimitOverride DescribeOptedOutNumbers
  DeleteOptedOutNumber
c {"StringEquals": {"aws:CalledViaLast": "sns.amazonaws.com"}}
= AmazonSNSReadOnlyAccess v2 2015-02-06T18:41:06Z 2024-09-24T22:13:12Z -
  Provides read only access to Amazon SNS via the AWS Management Console.
Allow SNSReadOnlyAccess
a sns:GetTopicAttributes List* CheckIfPhoneNumberIsOptedOut GetEndpointAttributes GetDataProtectionPolicy
  GetPlatformApplicationAttributes GetSMSAttributes GetSMSSandboxAccountStatus GetSubscriptionAttributes
Allow SMSAccessViaSNS
a sms-voice:DescribeVerifiedDestinationNumbers DescribeAccountAttributes DescribeSpendLimits DescribePhoneNumbers
  DescribeOptedOutNumbers
c {"StringEquals": {"aws:CalledViaLast": "sns.amazonaws.com"}}
= AmazonSESFullAccess v1 2015-02-06T18:41:02Z 2015-02-06T18:41:02Z -
  Provides full access to Amazon SES via the AWS Management Console.
Allow
a+ ses:*
= AmazonEventBridgeFullAccess v7 2019-07-11T14:08:55Z 2026-02-12T17:58:25Z -
  Provides full access to Amazon EventBridge.
Allow EventBridgeActions
a events:* schemas:* scheduler:* pipes:*
Allow IAMCreateServiceLinkedRoleForApiDestinations
a iam:CreateServiceLinkedRole
r
  arn:aws:iam::*:role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations
c {"StringEquals": {"iam:AWSServiceName": "apidestinations.events.amazonaws.com"}}
Allow IAMCreateServiceLinkedRoleForAmazonEventBridgeSchemas
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/schemas.amazonaws.com/AWSServiceRoleForSchemas
c {"StringEquals": {"iam:AWSServiceName": "schemas.amazonaws.com"}}
Allow SecretsManagerAccessForApiDestinations
a secretsmanager:CreateSecret UpdateSecret DeleteSecret GetSecretValue PutSecretValue
r arn:aws:secretsmanager:*:*:secret:events!*
Allow IAMPassRoleAccessForEventBridge
a iam:PassRole
r arn:aws:iam::*:role/*
c {"StringLike": {"iam:PassedToService": "events.amazonaws.com"}}
Allow IAMPassRoleAccessForScheduler
a iam:PassRole
r arn:aws:iam::*:role/*
c {"StringLike": {"iam:PassedToService": "scheduler.amazonaws.com"}}
Allow IAMPassRoleAccessForPipes
a iam:PassRole
r arn:aws:iam::*:role/*
c {"StringLike": {"iam:PassedToService": "pipes.amazonaws.com"}}
= AWSStepFunctionsFullAccess v1 2017-01-11T21:51:32Z 2017-01-11T21:51:32Z -
Allow
a states:*
= CloudWatchFullAccess v4 2015-02-06T18:40:00Z 2022-11-27T13:23:49Z -
  Provides full access to CloudWatch.
Allow
a autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy GetPolicyVersion GetRole oam:ListSinks
Allow
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*
c {"StringLike": {"iam:AWSServiceName": "events.amazonaws.com"}}
Allow
a+ oam:ListAttachedLinks
r arn:aws:oam:*:*:sink/*
= CloudWatchReadOnlyAccess v24 2015-02-06T18:40:01Z 2026-02-12T18:01:50Z -
  Provides read only access to CloudWatch.
Allow CloudWatchReadOnlyAccessPermissions
a application-autoscaling:DescribeScalingPolicies application-signals:BatchGet* Get* List* autoscaling:Describe*
  cloudtrail:ListChannels cloudwatch:BatchGet* Describe* GenerateQuery Get* List* logs:Get* List* StartQuery StopQuery
  Describe* TestMetricFilter FilterLogEvents StartLiveTail StopLiveTail oam:ListSinks
  observabilityadmin:GetCentralizationRuleForOrganization ListCentralizationRulesForOrganization
  GetTelemetryEvaluationStatus GetTelemetryEvaluationStatusForOrganization GetTelemetryRule
  GetTelemetryRuleForOrganization ListResourceTelemetry ListResourceTelemetryForOrganization ListTelemetryRules
  ListTelemetryRulesForOrganization GetTelemetryEnrichmentStatus ListTagsForResource GetTelemetryPipeline
  ListTelemetryPipelines TestTelemetryPipeline ValidateTelemetryPipelineConfiguration GetS3TableIntegration
  ListS3TableIntegrations sns:Get* List* rum:BatchGet* Get* List* synthetics:Describe* Get* List* xray:BatchGet* Get*
  List* StartTraceRetrieval CancelTraceRetrieval
Allow OAMReadPermissions
a+ oam:ListAttachedLinks
r arn:aws:oam:*:*:sink/*
Allow CloudWatchReadOnlyGetRolePermissions
a iam:GetRole
r
  arn:aws:iam::*:role/aws-service-role/application-signals.cloudwatch.amazonaws.com/AWSServiceRoleForCloudWatchApplicationSignals
Allow CloudWatchCloudTrailPermissions
a+ cloudtrail:GetChannel
r arn:aws:cloudtrail:*:*:channel/aws-service-channel/application-signals/*
Allow CloudWatchServiceQuotaPermissions
a+ servicequotas:GetServiceQuota
r arn:aws:servicequotas:*:*:s3/* arn:aws:servicequotas:*:*:dynamodb/* arn:aws:servicequotas:*:*:kinesis/*
  arn:aws:servicequotas:*:*:sns/* arn:aws:servicequotas:*:*:bedrock/* arn:aws:servicequotas:*:*:lambda/*
  arn:aws:servicequotas:*:*:fargate/* arn:aws:servicequotas:*:*:elasticloadbalancing/* arn:aws:servicequotas:*:*:ec2/*
Allow CloudWatchResourceExplorerPermissions
a resource-explorer-2:ListIndexes Search
r arn:aws:resource-explorer-2:*::view/AWSServiceViewForApplicationSignals/service-view
  arn:aws:resource-explorer-2:*::view/AWSServiceViewForApplicationSignalsOrgScopeProd/service-view
= CloudWatchLogsFullAccess v8 2015-02-06T18:40:02Z 2026-02-12T18:00:33Z -
  Provides full access to CloudWatch Logs
Allow CloudWatchLogsFullAccess
a logs:* cloudwatch:GenerateQuery GenerateQueryResultsSummary observabilityadmin:GetS3TableIntegration
  ListS3TableIntegrations ListTelemetryPipelines
= CloudWatchLogsReadOnlyAccess v12 2015-02-06T18:40:03Z 2026-02-12T17:59:13Z -
  Provides read only access to CloudWatch Logs
Allow CloudWatchLogsReadOnlyAccess
a logs:Describe* Get* List* StartQuery StopQuery TestMetricFilter FilterLogEvents StartLiveTail StopLiveTail
  cloudwatch:GenerateQuery GenerateQueryResultsSummary observabilityadmin:ListS3TableIntegrations
  GetS3TableIntegration ListTelemetryPipelines
= CloudWatchAgentServerPolicy v3 2018-03-07T01:06:44Z 2024-02-06T16:37:37Z -
  Permissions required to use AmazonCloudWatchAgent on servers
Allow CWACloudWatchServerPermissions
a cloudwatch:PutMetricData ec2:DescribeVolumes DescribeTags logs:PutLogEvents PutRetentionPolicy DescribeLogStreams
  DescribeLogGroups CreateLogStream CreateLogGroup xray:PutTraceSegments PutTelemetryRecords GetSamplingRules
  GetSamplingTargets GetSamplingStatisticSummaries
Allow CWASSMServerPermissions
a+ ssm:GetParameter
r arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*
= AWSXRayDaemonWriteAccess v2 2018-08-28T23:00:33Z 2024-02-13T21:58:30Z -
  Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API and retrieve sampling data (rules,
  targets, etc.) to be used by the X-Ray SDK.
Allow AWSXRayDaemonWriteAccess
a xray:PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries
r+ *
= AWSXrayReadOnlyAccess v8 2016-12-01T18:27:02Z 2024-02-14T00:35:02Z -
  AWS X-Ray read only managed policy
Allow AWSXrayReadOnlyAccess
a xray:GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries BatchGetTraces BatchGetTraceSummaryById
  GetDistinctTraceGraphs GetServiceGraph GetTraceGraph GetTraceSummaries GetGroups GetGroup ListTagsForResource
  ListResourcePolicies GetTimeSeriesServiceStatistics GetInsightSummaries GetInsight GetInsightEvents
  GetInsightImpactGraph
r+ *
= AWSXrayWriteOnlyAccess v2 2016-12-01T18:19:53Z 2018-08-28T23:03:04Z -
  AWS X-Ray write only managed policy
Allow
a xray:PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries
r+ *
= AWSXrayFullAccess v2 2016-12-01T18:30:55Z 2024-04-11T17:07:36Z -
  AWS X-Ray full access managed policy
Allow AWSXrayFullAccess
a+ xray:*
r+ *
`;
