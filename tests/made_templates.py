"""Templates that many tests lint."""

OVERBROAD = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
"""
"""``admin-managed-policy`` finds something in line 6, and is certain."""

POSSIBLE = """\
Parameters: {Target: {Type: String}}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'iam:PassRole', Resource: !Ref Target}}
"""
"""``passrole-any-role`` finds something in line 6, and is not certain."""
