"""The errors of JD's gateway: a code with a text in two languages, and nothing else.

Which of the codes for parameters stands for which mistake is ours; the document only names the group. So are
the texts, but for that of the invalid signature.
"""

_TEXTS = {
    1: ("服务不可用", "Service Currently Unavailable"),
    2: ("调用次数超限", "App Call Limited"),
    3: ("禁止访问", "Forbidden"),
    4: ("缺少版本参数", "Missing Version"),
    5: ("无效版本参数", "Invalid Version"),
    7: ("缺少时间戳参数", "Missing Timestamp"),
    8: ("无效时间戳参数", "Invalid Timestamp"),
    11: ("缺少签名", "Missing Signature"),
    12: ("无效签名", "Invalid Signature"),
    14: ("缺少方法名参数", "Missing Method"),
    15: ("不存在的方法名", "Invalid Method"),
    18: ("缺少 access_token", "Missing access_token"),
    19: ("无效 access_token", "Invalid access_token"),
    20: ("缺少 app_key", "Missing app_key"),
    21: ("无效 app_key", "Invalid app_key"),
    22: ("授权者不是商家", "The authorizer is no seller"),
    24: ("无权调用该接口", "No right to call this API"),
    43: ("系统处理错误", "System error"),
    60: ("缺少参数", "Missing parameter"),
    61: ("参数不是 JSON", "The parameters are not JSON"),
    62: ("无效参数", "Invalid parameter"),
    65: ("后端服务超时", "Backend timeout"),
    71: ("编号不属于该商家", "The id is not one of this seller"),
    73: ("请在云鼎内调用", "Must be called from within the cloud"),
}


class Refusal(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """A call that the gateway refuses as a whole."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(f"{code} {about}")
        self.code = code
        self._about = about

    def body(self) -> dict[str, str]:
        """Return what `error_response` holds; the code is a text on this platform."""
        chinese, english = _TEXTS[self.code]
        tail = f": {self._about}" if self._about else ""
        return {"code": str(self.code), "zh_desc": chinese + tail, "en_desc": english + tail}


def missing(name: str) -> Refusal:
    """Return the refusal of a call without this business parameter."""
    return Refusal(60, name)


def invalid(name: str, wanted: str) -> Refusal:
    """Return the refusal of a parameter that cannot be; it never repeats the value."""
    return Refusal(62, f"{name} must be {wanted}")


def foreign(name: str) -> Refusal:
    """Return the refusal of an id that is not one of this shop's."""
    return Refusal(71, name)
