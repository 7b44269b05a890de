/**
 * ECR, ECS and EKS. The form is explained in ../managed-policy-table.ts.
 */
export const containers = (): string => `
= AmazonEC2ContainerRegistryReadOnly v3 2015-12-21T17:04:15Z 2019-12-10T20:56:32Z ANPAIFYZPA37OOHVIH7KQ
  Provides read-only access to Amazon EC2 Container Registry repositories.
Allow
a ecr:GetAuthorizationToken BatchCheckLayerAvailability GetDownloadUrlForLayer GetRepositoryPolicy
  DescribeRepositories ListImages DescribeImages BatchGetImage GetLifecyclePolicy GetLifecyclePolicyPreview
  ListTagsForResource DescribeImageScanFindings
= AmazonEC2ContainerRegistryPowerUser v3 2015-12-21T17:05:33Z 2019-12-10T20:48:08Z -
  Provides full access to Amazon EC2 Container Registry repositories, but does not allow repository deletion or policy
  changes.
Allow
a ecr:GetAuthorizationToken BatchCheckLayerAvailability GetDownloadUrlForLayer GetRepositoryPolicy
  DescribeRepositories ListImages DescribeImages BatchGetImage GetLifecyclePolicy GetLifecyclePolicyPreview
  ListTagsForResource DescribeImageScanFindings InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImage
= AmazonEC2ContainerRegistryFullAccess v3 2015-12-21T17:06:48Z 2020-12-05T00:04:19Z -
  Provides administrative access to Amazon ECR resources
Allow
a ecr:* cloudtrail:LookupEvents
Allow
a+ iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": ["replication.ecr.amazonaws.com"]}}
= AmazonEC2ContainerRegistryPullOnly v1 2024-10-04T16:58:49Z 2024-10-04T16:58:49Z -
Allow
a ecr:GetAuthorizationToken BatchGetImage GetDownloadUrlForLayer BatchImportUpstreamImage
= AmazonEKSClusterPolicy v10 2018-05-27T21:06:14Z 2026-02-12T17:58:15Z -
  This policy provides Kubernetes the permissions it requires to manage resources on your behalf. Kubernetes requires
  Ec2:CreateTags permissions to place identifying information on EC2 resources including but not limited to Instances,
  Security Groups, and Elastic Network Interfaces.
Allow AmazonEKSClusterPolicy
a autoscaling:DescribeAutoScalingGroups UpdateAutoScalingGroup ec2:AttachVolume AuthorizeSecurityGroupIngress
  CreateRoute CreateSecurityGroup CreateTags CreateVolume DeleteRoute DeleteSecurityGroup DeleteVolume
  DescribeInstances DescribeRouteTables DescribeSecurityGroups DescribeSubnets DescribeVolumes
  DescribeVolumesModifications DescribeVpcs DescribeDhcpOptions DescribeNetworkInterfaces DescribeAvailabilityZones
  DetachVolume ModifyInstanceAttribute ModifyVolume RevokeSecurityGroupIngress DescribeAccountAttributes
  DescribeAddresses DescribeInternetGateways DescribeInstanceTopology elasticloadbalancing:AddTags
  ApplySecurityGroupsToLoadBalancer AttachLoadBalancerToSubnets ConfigureHealthCheck CreateListener CreateLoadBalancer
  CreateLoadBalancerListeners CreateLoadBalancerPolicy CreateTargetGroup DeleteListener DeleteLoadBalancer
  DeleteLoadBalancerListeners DeleteTargetGroup DeregisterInstancesFromLoadBalancer DeregisterTargets
  DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancerPolicies DescribeLoadBalancers
  DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth DetachLoadBalancerFromSubnets ModifyListener
  ModifyLoadBalancerAttributes ModifyTargetGroup ModifyTargetGroupAttributes RegisterInstancesWithLoadBalancer
  RegisterTargets SetLoadBalancerPoliciesForBackendServer SetLoadBalancerPoliciesOfListener kms:DescribeKey
Allow AmazonEKSClusterPolicySLRCreate
a iam:CreateServiceLinkedRole
c {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
Allow AmazonEKSClusterPolicyENIDelete
a ec2:DeleteNetworkInterface
c {"StringEquals": {"ec2:ResourceTag/eks:eni:owner": "amazon-vpc-cni"}}
= AmazonEKSServicePolicy v7 2018-05-27T21:08:21Z 2024-10-14T21:12:40Z -
  This policy allows Amazon Elastic Container Service for Kubernetes to create and manage the necessary resources to
  operate EKS Clusters.
Allow
a ec2:CreateNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterface DescribeInstances
  DescribeNetworkInterfaces DetachNetworkInterface DescribeSecurityGroups DescribeSubnets DescribeVpcs
  ModifyNetworkInterfaceAttribute iam:ListAttachedRolePolicies eks:UpdateClusterVersion ec2:GetSecurityGroupsForVpc
Allow
a ec2:CreateTags DeleteTags
r arn:aws:ec2:*:*:vpc/* arn:aws:ec2:*:*:subnet/*
Allow
a+ ec2:CreateTags
r+ arn:aws:ec2:*:*:network-interface/*
c {"StringLike": {"aws:RequestTag/Name": "eks-cluster-*"}}
Allow
a route53:AssociateVPCWithHostedZone
Allow
a logs:CreateLogGroup
Allow
a logs:CreateLogStream DescribeLogStreams
r arn:aws:logs:*:*:log-group:/aws/eks/*:*
Allow
a logs:PutLogEvents
r arn:aws:logs:*:*:log-group:/aws/eks/*:*:*
Allow
a iam:CreateServiceLinkedRole
r arn:aws:iam::*:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS
c {"StringLike": {"iam:AWSServiceName": "eks.amazonaws.com"}}
= AmazonEKSWorkerNodePolicy v3 2018-05-27T21:09:01Z 2023-11-27T00:06:13Z -
  This policy allows Amazon EKS worker nodes to connect to Amazon EKS Clusters.
Allow WorkerNodePermissions
a ec2:DescribeInstances DescribeInstanceTypes DescribeRouteTables DescribeSecurityGroups DescribeSubnets
  DescribeVolumes DescribeVolumesModifications DescribeVpcs eks:DescribeCluster eks-auth:AssumeRoleForPodIdentity
= AmazonEKSWorkerNodeMinimalPolicy v1 2024-10-02T20:03:51Z 2024-10-02T20:03:51Z -
Allow WorkerNodePermissions
a+ eks-auth:AssumeRoleForPodIdentity
= AmazonEKS_CNI_Policy v6 2018-05-27T21:07:42Z 2026-03-04T19:12:14Z -
  This policy provides the Amazon VPC CNI Plugin (amazon-vpc-cni-k8s) the permissions it requires to modify the IP
  address configuration on your EKS worker nodes. This permission set allows the CNI to list, describe, and modify
  Elastic Network Interfaces on your behalf. More information on the AWS VPC CNI Plugin is available here:
  https://github.com/aws/amazon-vpc-cni-k8s
Allow AmazonEKSCNIPolicy
a ec2:AssignPrivateIpAddresses AttachNetworkInterface CreateNetworkInterface DeleteNetworkInterface DescribeInstances
  DescribeTags DescribeNetworkInterfaces DescribeInstanceTypes DescribeSubnets DescribeSecurityGroups
  DetachNetworkInterface ModifyNetworkInterfaceAttribute UnassignPrivateIpAddresses
Allow AmazonEKSCNIPolicyENITag
a+ ec2:CreateTags
r+ arn:aws:ec2:*:*:network-interface/*
= AmazonEKSVPCResourceController v1 2020-08-12T00:55:34Z 2020-08-12T00:55:34Z -
  Policy used by VPC Resource Controller to manage ENI and IPs for worker nodes.
Allow
a ec2:CreateNetworkInterfacePermission
c {"ForAnyValue:StringEquals": {"ec2:ResourceTag/eks:eni:owner": "eks-vpc-resource-controller"}}
Allow
a ec2:CreateNetworkInterface DetachNetworkInterface ModifyNetworkInterfaceAttribute DeleteNetworkInterface
  AttachNetworkInterface UnassignPrivateIpAddresses AssignPrivateIpAddresses
= AmazonEKSFargatePodExecutionRolePolicy v1 2019-11-22T04:34:29Z 2019-11-22T04:34:29Z -
  Provides access to other AWS service resources that are required to run Amazon EKS pods on AWS Fargate
Allow
a ecr:GetAuthorizationToken BatchCheckLayerAvailability GetDownloadUrlForLayer BatchGetImage
= service-role/AmazonECSTaskExecutionRolePolicy v1 2017-11-16T18:48:22Z 2017-11-16T18:48:22Z -
  Provides access to other AWS service resources that are required to run Amazon ECS tasks
Allow
a ecr:GetAuthorizationToken BatchCheckLayerAvailability GetDownloadUrlForLayer BatchGetImage logs:CreateLogStream
  PutLogEvents
= AmazonECS_FullAccess v21 2017-11-07T21:36:54Z 2024-08-13T19:39:37Z -
  Provides administrative access to Amazon ECS resources and enables ECS features through access to other AWS service
  resources, including VPCs, Auto Scaling groups, and CloudFormation stacks.
Allow ECSIntegrationsManagementPolicy
a application-autoscaling:DeleteScalingPolicy DeregisterScalableTarget DescribeScalableTargets
  DescribeScalingActivities DescribeScalingPolicies PutScalingPolicy RegisterScalableTarget
  appmesh:DescribeVirtualGateway DescribeVirtualNode ListMeshes ListVirtualGateways ListVirtualNodes
  autoscaling:CreateAutoScalingGroup CreateLaunchConfiguration DeleteAutoScalingGroup DeleteLaunchConfiguration
  Describe* UpdateAutoScalingGroup cloudformation:CreateStack DeleteStack DescribeStack* UpdateStack
  cloudwatch:DeleteAlarms DescribeAlarms GetMetricStatistics PutMetricAlarm codedeploy:BatchGetApplicationRevisions
  BatchGetApplications BatchGetDeploymentGroups BatchGetDeployments ContinueDeployment CreateApplication
  CreateDeployment CreateDeploymentGroup GetApplication GetApplicationRevision GetDeployment GetDeploymentConfig
  GetDeploymentGroup GetDeploymentTarget ListApplicationRevisions ListApplications ListDeploymentConfigs
  ListDeploymentGroups ListDeployments ListDeploymentTargets RegisterApplicationRevision StopDeployment
  ec2:AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupIngress CancelSpotFleetRequests
  CreateInternetGateway CreateLaunchTemplate CreateRoute CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpc
  DeleteLaunchTemplate DeleteSubnet DeleteVpc Describe* DetachInternetGateway DisassociateRouteTable
  ModifySubnetAttribute ModifyVpcAttribute RequestSpotFleet RunInstances ecs:* elasticfilesystem:DescribeAccessPoints
  DescribeFileSystems elasticloadbalancing:CreateListener CreateLoadBalancer CreateRule CreateTargetGroup
  DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup DescribeListeners DescribeLoadBalancers DescribeRules
  DescribeTargetGroups events:DeleteRule DescribeRule ListRuleNamesByTarget ListTargetsByRule PutRule PutTargets
  RemoveTargets fsx:DescribeFileSystems iam:ListAttachedRolePolicies ListInstanceProfiles ListRoles
  lambda:ListFunctions logs:CreateLogGroup DescribeLogGroups FilterLogEvents route53:CreateHostedZone DeleteHostedZone
  GetHealthCheck GetHostedZone ListHostedZonesByName servicediscovery:CreatePrivateDnsNamespace CreateService
  DeleteService GetNamespace GetOperation GetService ListNamespaces ListServices UpdateService sns:ListTopics
r+ *
Allow SSMPolicy
a ssm:GetParameter GetParameters GetParametersByPath
r arn:aws:ssm:*:*:parameter/aws/service/ecs*
Allow ManagedCloudformationResourcesCleanupPolicy
a ec2:DeleteInternetGateway DeleteRoute DeleteRouteTable DeleteSecurityGroup
r+ *
c {"StringLike": {"ec2:ResourceTag/aws:cloudformation:stack-name": "EC2ContainerService-*"}}
Allow TasksPassRolePolicy
a iam:PassRole
r+ *
c {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
Allow InfrastructurePassRolePolicy
a iam:PassRole
r+ arn:aws:iam::*:role/ecsInfrastructureRole
c {"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}
Allow InstancePassRolePolicy
a iam:PassRole
r+ arn:aws:iam::*:role/ecsInstanceRole*
c {"StringLike": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}}
Allow AutoScalingPassRolePolicy
a iam:PassRole
r+ arn:aws:iam::*:role/ecsAutoscaleRole*
c {"StringLike": {"iam:PassedToService": ["application-autoscaling.amazonaws.com",
  "application-autoscaling.amazonaws.com.cn"]}}
Allow ServiceLinkedRoleCreationPolicy
a iam:CreateServiceLinkedRole
c {"StringLike": {"iam:AWSServiceName": ["ecs.amazonaws.com", "autoscaling.amazonaws.com",
  "ecs.application-autoscaling.amazonaws.com", "spot.amazonaws.com", "spotfleet.amazonaws.com"]}}
Allow ELBTaggingPolicy
a+ elasticloadbalancing:AddTags
c {"StringEquals": {"elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateRule", "CreateListener",
  "CreateLoadBalancer"]}}
= service-role/AmazonEC2ContainerServiceforEC2Role v10 2015-03-19T18:45:18Z 2026-02-12T17:59:52Z -
  Default policy for the Amazon EC2 Role for Amazon EC2 Container Service.
Allow
a ec2:DescribeTags ecs:CreateCluster DeregisterContainerInstance DiscoverPollEndpoint Poll RegisterContainerInstance
  StartTelemetrySession UpdateContainerInstancesState Submit* ecr:GetAuthorizationToken BatchCheckLayerAvailability
  GetDownloadUrlForLayer BatchGetImage logs:CreateLogStream PutLogEvents
Allow
a ecs:TagResource
c {"StringEquals": {"ecs:CreateAction": ["CreateCluster", "RegisterContainerInstance"]}}
Allow
a+ ecs:ListTagsForResource
r arn:aws:ecs:*:*:task/*/* arn:aws:ecs:*:*:container-instance/*/*
= service-role/AmazonEC2ContainerServiceRole v2 2015-04-09T16:14:19Z 2016-08-11T13:08:01Z -
  Default policy for Amazon ECS service role.
Allow
a ec2:AuthorizeSecurityGroupIngress Describe* elasticloadbalancing:DeregisterInstancesFromLoadBalancer
  DeregisterTargets Describe* RegisterInstancesWithLoadBalancer RegisterTargets
= service-role/AmazonEC2ContainerServiceAutoscaleRole v2 2016-05-12T23:25:44Z 2018-02-05T19:15:15Z -
  Policy to enable Task Autoscaling for Amazon EC2 Container Service
Allow
a ecs:DescribeServices UpdateService
r+ *
Allow
a cloudwatch:DescribeAlarms PutMetricAlarm
r+ *
= service-role/AmazonEC2ContainerServiceEventsRole v3 2017-05-30T16:51:35Z 2023-03-06T22:25:12Z -
  Policy to enable CloudWatch Events for EC2 Container Service
Allow
a+ ecs:RunTask
r+ *
Allow
a iam:PassRole
r+ *
c {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
Allow
a ecs:TagResource
c {"StringEquals": {"ecs:CreateAction": ["RunTask"]}}
`;
