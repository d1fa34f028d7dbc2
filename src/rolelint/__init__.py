"""rolelint: what may each identity in a CloudFormation template do, and is that more than it needs?"""

__version__ = "0.1.0"
