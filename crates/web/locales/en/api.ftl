# The API reader.

api-contents = Contents
api-version = Version { $version }
api-document = OpenAPI document
api-scope = Needs a key with the scope
api-parameters = Parameters
api-name = Name
api-place = In
api-kind = Type
api-about = What for
api-required = required
api-request = Request
api-responses = Responses
api-example = Example
