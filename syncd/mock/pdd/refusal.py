"""The errors of the platform: one list of codes for every interface, and a word of the service behind it.

The codes and their texts are those of the list that stands in the documents of every interface. What a
service refuses is 50001 with a `sub_code`; no list of those words is published, so all of them are ours.
"""

from typing import Any

_MESSAGES = {
    10000: "参数错误",
    10001: "公共参数错误",
    10016: "client下线或者clientId不正确",
    10017: "type不正确",
    10019: "access_token已过期",
    20004: "签名sign校验失败",
    20031: "用户没有授权访问此接口",
    20032: "access_token或client_id错误",
    21001: "请求参数错误",
    21002: "请求参数不能为空",
    50000: "系统内部错误",
    50001: "业务服务错误",
    50002: "业务系统内部异常",
    52101: "当前接口被限流，请稍后重试",
    52102: "当前接口暂时不可用，请稍后重试",
    70031: "调用过于频繁，请调整调用频率",
}
_COMMON = 10001
_SERVICE = 50001


class Refusal(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """A call that the platform refuses."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "", *, about: str = "") -> None:
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self._sub_msg = sub_msg
        self._about = about

    def body(self) -> dict[str, Any]:
        """Return the error without its `request_id`."""
        message = _MESSAGES[self.code]
        if self.code == _COMMON:
            # As the documents show it: the name that is wrong, and nothing below it.
            return {
                "error_code": self.code,
                "error_msg": f"{message}:{self._about}",
                "sub_code": None,
                "sub_msg": "",
            }
        return {
            "error_code": self.code,
            "error_msg": message,
            "sub_code": self.sub_code or str(self.code),
            "sub_msg": self._sub_msg or (f"{message}:{self._about}" if self._about else message),
        }


def common(name: str) -> Refusal:
    """Return the refusal of a parameter that every call has, because it is missing or wrong."""
    return Refusal(_COMMON, about=name)


def missing(name: str) -> Refusal:
    """Return the refusal of a call without this parameter."""
    return Refusal(21002, about=name)


def invalid(name: str, wanted: str) -> Refusal:
    """Return the refusal of a parameter that cannot be; it never repeats the value."""
    return Refusal(21001, sub_msg=f"{name} must be {wanted}")


def refused(word: str, message: str) -> Refusal:
    """Return what the service behind the gateway refuses; the word is ours."""
    return Refusal(_SERVICE, word, message)


def not_permitted() -> Refusal:
    """Return the refusal of an interface whose package the app has not."""
    return Refusal(20031)


def throttled(wait: float | None = None) -> Refusal:
    """Return the refusal of a call too many, of one interface or, with a wait, of all together.

    The platform never says how long; a wait that the fault plan names only chooses between the two codes.
    """
    return Refusal(52101 if wait is None else 70031)
