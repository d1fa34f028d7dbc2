"""Which resources does SAM make of this template? The roles, permissions and policies that a deployed stack will have.

What AWS's own translator makes: https://github.com/aws/serverless-application-model
"""
