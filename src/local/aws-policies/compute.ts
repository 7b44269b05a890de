/**
 * EC2, VPC, Lambda and Systems Manager. The form is explained in ../managed-policy-table.ts.
 */
export const compute = (): string => `
= AmazonEC2FullAccess v5 2015-02-06T18:40:15Z 2018-11-27T02:16:56Z ANPAI3VAJF5ZCRZ7MCQE6
  Provides full access to Amazon EC2 via the AWS Management Console.
Allow
a ec2:*
Allow
a elasticloadbalancing:*
Allow
a cloudwatch:*
Allow
a autoscaling:*
Allow
a iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": ["autoscaling.amazonaws.com", "ec2scheduled.amazonaws.com",
  "elasticloadbalancing.amazonaws.com", "spot.amazonaws.com", "spotfleet.amazonaws.com",
  "transitgateway.amazonaws.com"]}}
= AmazonEC2ReadOnlyAccess v5 2015-02-06T18:40:17Z 2026-02-12T18:03:17Z ANPAIGDT4SV4GSETWTBZK
  Provides read only access to Amazon EC2 via the AWS Management Console.
Allow
a ec2:Describe* GetSecurityGroupsForVpc
Allow
a elasticloadbalancing:Describe*
Allow
a cloudwatch:ListMetrics GetMetricStatistics Describe*
Allow
a autoscaling:Describe*
= AmazonVPCFullAccess v13 2015-02-06T18:41:16Z 2026-02-12T18:00:44Z -
  Provides full access to Amazon VPC via the AWS Management Console.
Allow AmazonVPCFullAccess
a ec2:AcceptVpcPeeringConnection AcceptVpcEndpointConnections AllocateAddress AssignIpv6Addresses
  AssignPrivateIpAddresses AssociateAddress AssociateDhcpOptions AssociateRouteTable AssociateSecurityGroupVpc
  AssociateSubnetCidrBlock AssociateVpcCidrBlock AttachClassicLinkVpc AttachInternetGateway AttachNetworkInterface
  AttachVpnGateway AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateCarrierGateway
  CreateCustomerGateway CreateDefaultSubnet CreateDefaultVpc CreateDhcpOptions CreateEgressOnlyInternetGateway
  CreateFlowLogs CreateInternetGateway CreateLocalGatewayRouteTableVpcAssociation CreateNatGateway CreateNetworkAcl
  CreateNetworkAclEntry CreateNetworkInterface CreateNetworkInterfacePermission CreateRoute CreateRouteTable
  CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEndpoint CreateVpcEndpointConnectionNotification
  CreateVpcEndpointServiceConfiguration CreateVpcPeeringConnection CreateVpnConnection CreateVpnConnectionRoute
  CreateVpnGateway DeleteCarrierGateway DeleteCustomerGateway DeleteDhcpOptions DeleteEgressOnlyInternetGateway
  DeleteFlowLogs DeleteInternetGateway DeleteLocalGatewayRouteTableVpcAssociation DeleteNatGateway DeleteNetworkAcl
  DeleteNetworkAclEntry DeleteNetworkInterface DeleteNetworkInterfacePermission DeleteRoute DeleteRouteTable
  DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DeleteVpcEndpointConnectionNotifications
  DeleteVpcEndpointServiceConfigurations DeleteVpcPeeringConnection DeleteVpnConnection DeleteVpnConnectionRoute
  DeleteVpnGateway DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeCarrierGateways
  DescribeClassicLinkInstances DescribeCustomerGateways DescribeDhcpOptions DescribeEgressOnlyInternetGateways
  DescribeFlowLogs DescribeInstances DescribeInternetGateways DescribeIpv6Pools DescribeLocalGatewayRouteTables
  DescribeLocalGatewayRouteTableVpcAssociations DescribeKeyPairs DescribeMovingAddresses DescribeNatGateways
  DescribeNetworkAcls DescribeNetworkInterfaceAttribute DescribeNetworkInterfacePermissions DescribeNetworkInterfaces
  DescribePrefixLists DescribeRouteTables DescribeSecurityGroupReferences DescribeSecurityGroupRules
  DescribeSecurityGroups DescribeSecurityGroupVpcAssociations DescribeStaleSecurityGroups DescribeSubnets DescribeTags
  DescribeVpcAttribute DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport
  DescribeVpcEndpointConnectionNotifications DescribeVpcEndpointConnections DescribeVpcEndpoints
  DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices
  DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways DetachClassicLinkVpc
  DetachInternetGateway DetachNetworkInterface DetachVpnGateway DisableVgwRoutePropagation DisableVpcClassicLink
  DisableVpcClassicLinkDnsSupport DisassociateAddress DisassociateRouteTable DisassociateSecurityGroupVpc
  DisassociateSubnetCidrBlock DisassociateVpcCidrBlock EnableVgwRoutePropagation EnableVpcClassicLink
  EnableVpcClassicLinkDnsSupport GetSecurityGroupsForVpc ModifyNetworkInterfaceAttribute ModifySecurityGroupRules
  ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEndpoint ModifyVpcEndpointConnectionNotification
  ModifyVpcEndpointServiceConfiguration ModifyVpcEndpointServicePermissions ModifyVpcPeeringConnectionOptions
  ModifyVpcTenancy MoveAddressToVpc RejectVpcEndpointConnections RejectVpcPeeringConnection ReleaseAddress
  ReplaceNetworkAclAssociation ReplaceNetworkAclEntry ReplaceRoute ReplaceRouteTableAssociation
  ResetNetworkInterfaceAttribute RestoreAddressToClassic RevokeSecurityGroupEgress RevokeSecurityGroupIngress
  UnassignIpv6Addresses UnassignPrivateIpAddresses UpdateSecurityGroupRuleDescriptionsEgress
  UpdateSecurityGroupRuleDescriptionsIngress
= AmazonVPCReadOnlyAccess v12 2015-02-06T18:41:17Z 2026-02-12T17:58:19Z -
  Provides read only access to Amazon VPC via the AWS Management Console.
Allow AmazonVPCReadOnlyAccess
a ec2:DescribeAccountAttributes DescribeAddresses DescribeCarrierGateways DescribeClassicLinkInstances
  DescribeCustomerGateways DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs
  DescribeInternetGateways DescribeLocalGatewayRouteTables DescribeLocalGatewayRouteTableVpcAssociations
  DescribeMovingAddresses DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaceAttribute
  DescribeNetworkInterfacePermissions DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables
  DescribeSecurityGroupReferences DescribeSecurityGroupRules DescribeSecurityGroups
  DescribeSecurityGroupVpcAssociations DescribeStaleSecurityGroups DescribeSubnets DescribeTags DescribeVpcAttribute
  DescribeVpcClassicLink DescribeVpcClassicLinkDnsSupport DescribeVpcEndpoints
  DescribeVpcEndpointConnectionNotifications DescribeVpcEndpointConnections DescribeVpcEndpointServiceConfigurations
  DescribeVpcEndpointServicePermissions DescribeVpcEndpointServices DescribeVpcPeeringConnections DescribeVpcs
  DescribeVpnConnections DescribeVpnGateways GetSecurityGroupsForVpc
= AutoScalingFullAccess v2 2017-01-12T19:31:58Z 2018-02-06T21:59:13Z -
  Provides full access to Auto Scaling.
Allow
a autoscaling:*
Allow
a cloudwatch:PutMetricAlarm
Allow
a ec2:DescribeAccountAttributes DescribeAvailabilityZones DescribeImages DescribeInstanceAttribute DescribeInstances
  DescribeKeyPairs DescribeLaunchTemplateVersions DescribePlacementGroups DescribeSecurityGroups
  DescribeSpotInstanceRequests DescribeSubnets DescribeVpcClassicLink
Allow
a elasticloadbalancing:DescribeLoadBalancers DescribeTargetGroups
Allow
a iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}}
= ElasticLoadBalancingFullAccess v9 2018-09-20T20:42:07Z 2026-02-23T18:57:07Z -
  Provides full access to Amazon ElasticLoadBalancing, and limited access to other services necessary to provide
  ElasticLoadBalancing features.
Allow
a elasticloadbalancing:*
Allow
a ec2:DescribeAccountAttributes DescribeAddresses DescribeInternetGateways DescribeSecurityGroups DescribeSubnets
  DescribeVpcs DescribeVpcClassicLink DescribeInstances DescribeNetworkInterfaces DescribeClassicLinkInstances
  DescribeRouteTables DescribeCoipPools GetCoipPoolUsage GetSecurityGroupsForVpc DescribeVpcPeeringConnections
  DescribeAvailabilityZones cognito-idp:DescribeUserPoolClient
Allow
a iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
Allow
a arc-zonal-shift:*
r arn:aws:elasticloadbalancing:*:*:loadbalancer/*
Allow
a arc-zonal-shift:ListManagedResources ListZonalShifts
= ElasticLoadBalancingReadOnly v3 2018-09-20T20:17:09Z 2023-11-26T18:15:46Z -
  Provides read only access to Amazon ElasticLoadBalancing and dependent services
Allow Statement1
a elasticloadbalancing:Describe* Get*
Allow Statement2
a ec2:DescribeInstances DescribeClassicLinkInstances DescribeSecurityGroups
Allow Statement3
a arc-zonal-shift:GetManagedResource
r arn:aws:elasticloadbalancing:*:*:loadbalancer/*
Allow Statement4
a arc-zonal-shift:ListManagedResources ListZonalShifts
= service-role/AmazonEBSCSIDriverPolicy v15 2022-04-04T17:24:29Z 2026-05-13T17:42:22Z -
  IAM Policy that allows the CSI driver service account to make calls to related services such as EC2 on your behalf.
Allow
a ec2:DescribeAvailabilityZones DescribeInstances DescribeInstanceTypes DescribeSnapshots DescribeTags DescribeVolumes
  DescribeVolumesModifications DescribeVolumeStatus
Allow
a ec2:CreateSnapshot ModifyVolume
r arn:aws:ec2:*:*:volume/*
Allow
a+ ec2:CopyVolumes
r+ arn:aws:ec2:*:*:volume/vol-*
Allow
a ec2:AttachVolume DetachVolume
r arn:aws:ec2:*:*:volume/* arn:aws:ec2:*:*:instance/*
Allow
a ec2:CreateVolume EnableFastSnapshotRestores
r arn:aws:ec2:*:*:snapshot/*
Allow
a+ ec2:CreateTags
r arn:aws:ec2:*:*:volume/* arn:aws:ec2:*:*:snapshot/*
c {"StringEquals": {"ec2:CreateAction": ["CreateVolume", "CreateSnapshot", "CopyVolumes"]}}
Allow
a+ ec2:DeleteTags
r arn:aws:ec2:*:*:volume/* arn:aws:ec2:*:*:snapshot/*
Allow
a ec2:CreateVolume CopyVolumes
r arn:aws:ec2:*:*:volume/*
c {"StringLike": {"aws:RequestTag/ebs.csi.aws.com/cluster": "true"}}
Allow
a ec2:CreateVolume CopyVolumes
r arn:aws:ec2:*:*:volume/*
c {"StringLike": {"aws:RequestTag/CSIVolumeName": "*"}}
Allow
a+ ec2:DeleteVolume
r arn:aws:ec2:*:*:volume/*
c {"StringLike": {"ec2:ResourceTag/ebs.csi.aws.com/cluster": "true"}}
Allow
a+ ec2:DeleteVolume
r arn:aws:ec2:*:*:volume/*
c {"StringLike": {"ec2:ResourceTag/CSIVolumeName": "*"}}
Allow
a+ ec2:DeleteVolume
r arn:aws:ec2:*:*:volume/*
c {"StringLike": {"ec2:ResourceTag/kubernetes.io/created-for/pvc/name": "*"}}
Allow
a+ ec2:CreateSnapshot
r arn:aws:ec2:*:*:snapshot/*
c {"StringLike": {"aws:RequestTag/CSIVolumeSnapshotName": "*"}}
Allow
a+ ec2:CreateSnapshot
r arn:aws:ec2:*:*:snapshot/*
c {"StringLike": {"aws:RequestTag/ebs.csi.aws.com/cluster": "true"}}
Allow
a ec2:DeleteSnapshot LockSnapshot
r arn:aws:ec2:*:*:snapshot/*
c {"StringLike": {"ec2:ResourceTag/CSIVolumeSnapshotName": "*"}}
Allow
a ec2:DeleteSnapshot LockSnapshot
r arn:aws:ec2:*:*:snapshot/*
c {"StringLike": {"ec2:ResourceTag/ebs.csi.aws.com/cluster": "true"}}
= AWSLambda_FullAccess v7 2020-11-17T21:14:08Z 2026-02-12T18:00:51Z -
  Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS services.
Allow
a cloudformation:DescribeStacks ListStackResources cloudwatch:ListMetrics GetMetricData ec2:DescribeSecurityGroups
  DescribeSubnets DescribeVpcs kms:DescribeKey ListAliases iam:GetPolicy GetPolicyVersion GetRole GetRolePolicy
  ListAttachedRolePolicies ListRolePolicies ListRoles lambda:* logs:DescribeLogGroups states:DescribeStateMachine
  ListStateMachines tag:GetResources xray:GetTraceSummaries BatchGetTraces
Allow
a iam:PassRole
c {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
Allow
a logs:DescribeLogStreams GetLogEvents FilterLogEvents StartLiveTail StopLiveTail
r arn:aws:logs:*:*:log-group:/aws/lambda/*
Allow
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda
c {"StringEquals": {"iam:AWSServiceName": "lambda.amazonaws.com"}}
= AWSLambda_ReadOnlyAccess v5 2020-11-17T21:10:32Z 2026-02-12T18:02:55Z -
  Grants read-only access to AWS Lambda service, AWS Lambda console features, and other related AWS services.
Allow
a cloudformation:DescribeStacks ListStacks ListStackResources cloudwatch:GetMetricData ListMetrics
  ec2:DescribeSecurityGroups DescribeSubnets DescribeVpcs kms:ListAliases iam:GetPolicy GetPolicyVersion GetRole
  GetRolePolicy ListAttachedRolePolicies ListRolePolicies ListRoles logs:DescribeLogGroups lambda:Get* List*
  states:DescribeStateMachine ListStateMachines tag:GetResources xray:GetTraceSummaries BatchGetTraces
Allow
a logs:DescribeLogStreams GetLogEvents FilterLogEvents StartQuery StopQuery DescribeQueries GetLogGroupFields
  GetLogRecord GetQueryResults StartLiveTail StopLiveTail
r arn:aws:logs:*:*:log-group:/aws/lambda/*
= service-role/AWSLambdaBasicExecutionRole v1 2015-04-09T15:03:43Z 2015-04-09T15:03:43Z ANPAJNCQGXC42545SKXIK
  Provides write permissions to CloudWatch Logs.
Allow
a logs:CreateLogGroup CreateLogStream PutLogEvents
= service-role/AWSLambdaVPCAccessExecutionRole v3 2016-02-11T23:15:26Z 2024-01-05T22:38:26Z -
  Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC - create,
  describe, delete network interfaces and write permissions to CloudWatch Logs.
Allow AWSLambdaVPCAccessExecutionPermissions
a logs:CreateLogGroup CreateLogStream PutLogEvents ec2:CreateNetworkInterface DescribeNetworkInterfaces
  DescribeSubnets DeleteNetworkInterface AssignPrivateIpAddresses UnassignPrivateIpAddresses
= service-role/AWSLambdaSQSQueueExecutionRole v1 2018-06-14T21:50:45Z 2018-06-14T21:50:45Z -
  Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to
  CloudWatch logs.
Allow
a sqs:ReceiveMessage DeleteMessage GetQueueAttributes logs:CreateLogGroup CreateLogStream PutLogEvents
= service-role/AWSLambdaDynamoDBExecutionRole v1 2015-04-09T15:09:29Z 2015-04-09T15:09:29Z -
  Provides list and read access to DynamoDB streams and write permissions to CloudWatch logs.
Allow
a dynamodb:DescribeStream GetRecords GetShardIterator ListStreams logs:CreateLogGroup CreateLogStream PutLogEvents
= service-role/AWSLambdaKinesisExecutionRole v2 2015-04-09T15:14:16Z 2018-11-19T20:09:24Z -
  Provides list and read access to Kinesis streams and write permissions to CloudWatch logs.
Allow
a kinesis:DescribeStream DescribeStreamSummary GetRecords GetShardIterator ListShards ListStreams SubscribeToShard
  logs:CreateLogGroup CreateLogStream PutLogEvents
= service-role/AWSLambdaRole v1 2015-02-06T18:41:28Z 2015-02-06T18:41:28Z -
  Default policy for AWS Lambda service role.
Allow
a+ lambda:InvokeFunction
r+ *
= AWSLambdaExecute v1 2015-02-06T18:40:46Z 2015-02-06T18:40:46Z -
  Provides Put, Get access to S3 and full access to CloudWatch Logs.
Allow
a+ logs:*
r arn:aws:logs:*:*:*
Allow
a s3:GetObject PutObject
r arn:aws:s3:::*
= AmazonSSMFullAccess v4 2015-05-29T17:39:47Z 2019-11-20T20:08:56Z -
  Provides full access to Amazon SSM.
Allow
a cloudwatch:PutMetricData ds:CreateComputer DescribeDirectories ec2:DescribeInstanceStatus logs:* ssm:* ec2messages:*
Allow
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*
c {"StringLike": {"iam:AWSServiceName": "ssm.amazonaws.com"}}
Allow
a iam:DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus
r arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*
Allow
a ssmmessages:CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel
= AmazonSSMReadOnlyAccess v1 2015-05-29T17:44:19Z 2015-05-29T17:44:19Z -
  Provides read only access to Amazon SSM.
Allow
a ssm:Describe* Get* List*
= AmazonSSMManagedInstanceCore v2 2019-03-15T17:22:12Z 2019-05-23T16:54:21Z -
  The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.
Allow
a ssm:DescribeAssociation GetDeployablePatchSnapshotForInstance GetDocument DescribeDocument GetManifest GetParameter
  GetParameters ListAssociations ListInstanceAssociations PutInventory PutComplianceItems PutConfigurePackageResult
  UpdateAssociationStatus UpdateInstanceAssociationStatus UpdateInstanceInformation
Allow
a ssmmessages:CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel
Allow
a ec2messages:AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply
`;
