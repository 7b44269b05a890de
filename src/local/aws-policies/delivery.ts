/**
 * CloudFormation, DNS, certificates, CDN and APIs. The form is explained in ../managed-policy-table.ts.
 */
export const delivery = (): string => `
= AWSCloudFormationFullAccess v1 2019-07-26T21:50:35Z 2019-07-26T21:50:35Z -
  Provides full access to AWS CloudFormation.
Allow
a+ cloudformation:*
= AWSCloudFormationReadOnlyAccess v7 2015-02-06T18:39:49Z 2026-02-12T18:02:00Z ANPAJWVBEE4I2POWLODLW
  Provides access to AWS CloudFormation via the AWS Management Console.
Allow
a cloudformation:Describe* BatchDescribe* EstimateTemplateCost Get* List* ValidateTemplate Detect*
= service-role/AWSCodeDeployRole v11 2015-05-04T18:05:37Z 2023-08-16T20:38:58Z -
  Provides CodeDeploy service access to expand tags and interact with Auto Scaling on your behalf.
Allow
a autoscaling:CompleteLifecycleAction DeleteLifecycleHook DescribeAutoScalingGroups DescribeLifecycleHooks
  PutLifecycleHook RecordLifecycleActionHeartbeat CreateAutoScalingGroup CreateOrUpdateTags UpdateAutoScalingGroup
  EnableMetricsCollection DescribePolicies DescribeScheduledActions DescribeNotificationConfigurations
  SuspendProcesses ResumeProcesses AttachLoadBalancers AttachLoadBalancerTargetGroups PutScalingPolicy
  PutScheduledUpdateGroupAction PutNotificationConfiguration PutWarmPool DescribeScalingActivities
  DeleteAutoScalingGroup ec2:DescribeInstances DescribeInstanceStatus TerminateInstances tag:GetResources sns:Publish
  cloudwatch:DescribeAlarms PutMetricAlarm elasticloadbalancing:DescribeLoadBalancerAttributes
  DescribeTargetGroupAttributes DescribeLoadBalancers DescribeInstanceHealth RegisterInstancesWithLoadBalancer
  DeregisterInstancesFromLoadBalancer DescribeTargetGroups DescribeTargetHealth RegisterTargets DeregisterTargets
= AmazonRoute53FullAccess v7 2015-02-06T18:40:54Z 2026-02-12T18:00:40Z -
  Provides full access to all Amazon Route 53 via the AWS Management Console.
Allow
a route53:* route53domains:* cloudfront:ListDistributions GetDistributionTenantByDomain GetConnectionGroup
  cloudwatch:DescribeAlarms GetMetricStatistics GetMetricData ec2:DescribeVpcs DescribeVpcEndpoints DescribeRegions
  elasticloadbalancing:DescribeLoadBalancers elasticbeanstalk:DescribeEnvironments es:ListDomainNames DescribeDomains
  lightsail:GetContainerServices s3:ListBucket GetBucketLocation GetBucketWebsite sns:ListTopics
  ListSubscriptionsByTopic tag:GetResources
Allow
a apigateway:GET
r arn:aws:apigateway:*::/domainnames
= AmazonRoute53ReadOnlyAccess v2 2015-02-06T18:40:55Z 2016-11-15T21:15:16Z -
  Provides read only access to all Amazon Route 53 via the AWS Management Console.
Allow
a route53:Get* List* TestDNSAnswer
r+ *
= CloudFrontFullAccess v15 2015-02-06T18:39:50Z 2026-07-30T16:42:27Z -
  Provides full access to the CloudFront console plus the ability to list Amazon S3 buckets via the AWS Management
  Console.
Allow cfflistbuckets
a+ s3:ListAllMyBuckets
r arn:aws:s3:::*
Allow cffullaccess
a acm:DescribeCertificate ListCertificates cloudfront:* cloudfront-keyvaluestore:* iam:ListServerCertificates
  waf:ListWebACLs GetWebACL wafv2:ListWebACLs GetWebACL CreateWebACL kinesis:ListStreams ec2:DescribeInstances
  elasticloadbalancing:DescribeLoadBalancers ec2:DescribeInternetGateways DescribeIpamPools GetIpamPoolCidrs
  pricingplanmanager:ListSubscriptions CreateSubscription cloudwatch:GetMetricData freetier:GetAccountPlanState
  shield:ListProtections
Allow cfrequestcertificate
a+ acm:RequestCertificate
c {"StringEquals": {"aws:CalledViaLast": "cloudfront.amazonaws.com"}}
Allow cffdescribestream
a+ kinesis:DescribeStream
r arn:aws:kinesis:*:*:*
Allow cfflistroles
a+ iam:ListRoles
r arn:aws:iam::*:*
Allow ppmFullAccess
a pricingplanmanager:ApprovePaidSubscription AssociateResourcesToSubscription CancelSubscription
  CancelSubscriptionChange DisassociateResourcesFromSubscription GetSubscription UpdateSubscription
r arn:aws:pricingplanmanager::*:subscription:*
= CloudFrontReadOnlyAccess v12 2015-02-06T18:39:55Z 2026-02-12T17:59:06Z -
  Provides access to CloudFront distribution configuration information and list distributions via the AWS Management
  Console.
Allow cfReadOnly
a acm:DescribeCertificate ListCertificates cloudfront:Describe* Get* List* cloudfront-keyvaluestore:Describe* Get*
  List* iam:ListServerCertificates route53:List* waf:ListWebACLs GetWebACL wafv2:ListWebACLs GetWebACL
  ec2:DescribeIpamPools GetIpamPoolCidrs pricingplanmanager:ListSubscriptions GetSubscription
= AWSCertificateManagerFullAccess v2 2016-01-21T17:02:36Z 2020-08-17T22:18:28Z -
  Provides full access to AWS Certificate Manager (ACM)
Allow
a+ acm:*
Allow
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/acm.amazonaws.com/AWSServiceRoleForCertificateManager*
c {"StringEquals": {"iam:AWSServiceName": "acm.amazonaws.com"}}
Allow
a iam:DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus GetRole
r arn:aws:iam::*:role/aws-service-role/acm.amazonaws.com/AWSServiceRoleForCertificateManager*
= AWSCertificateManagerReadOnly v7 2016-01-21T17:07:33Z 2026-08-13T18:07:23Z -
  Provides read only access to AWS Certificate Manager (ACM).
Allow
a acm:DescribeCertificate ListCertificates SearchCertificates GetCertificate ListTagsForCertificate
  GetAccountConfiguration DescribeAcmeAccount DescribeAcmeDomainValidation DescribeAcmeEndpoint
  DescribeAcmeExternalAccountBinding ListAcmeAccounts ListAcmeDomainValidations ListAcmeEndpoints
  ListAcmeExternalAccountBindings ListTagsForResource ListCertificateDomainValidations
= AmazonAPIGatewayAdministrator v1 2015-07-09T17:34:45Z 2015-07-09T17:34:45Z -
  Provides full access to create/edit/delete APIs in Amazon API Gateway via the AWS Management Console.
Allow
a+ apigateway:*
r arn:aws:apigateway:*::/*
= AmazonAPIGatewayInvokeFullAccess v2 2015-07-09T17:36:12Z 2018-12-18T18:25:10Z -
  Provides full access to invoke APIs in Amazon API Gateway.
Allow
a execute-api:Invoke ManageConnections
r arn:aws:execute-api:*:*:*
= service-role/AmazonAPIGatewayPushToCloudWatchLogs v1 2015-11-11T23:41:46Z 2015-11-11T23:41:46Z -
  Allows API Gateway to push logs to user's account.
Allow
a logs:CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents GetLogEvents FilterLogEvents
`;
