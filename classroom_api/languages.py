"""What a problem says to a reader of Chinese: one sentence for each code, chosen by Accept-Language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ENGLISH, CHINESE = "en", "zh-CN"
_MAXIMUM_HEADER_CHARACTERS = 400

IN_CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "already_exists": "同名记录已存在。",
        "bad_message": "请求格式不正确，请检查所指出的字段。",
        "captions_malformed": "此文件不是 WebVTT 或 SRT 字幕，请按行号改正。",
        "captions_too_large": "字幕过多或过长，请减少后重试。",
        "captions_unknown": "没有这份字幕。",
        "recogniser_missing": "此服务器没有配置语音识别。",
        "classroom_shut_down": "本教室已被关闭，请联系协助教师。",
        "content_type_unsupported": "不支持此内容类型。",
        "cursor_invalid": "翻页标记无效，请原样使用 Link 头中的标记。",
        "deck_encrypted": "此 PDF 有密码保护，请另存为无密码的文件。",
        "deck_malformed": "这不是 PDF，或文件已损坏，请重新导出。",
        "deck_too_costly": "此 PDF 的页面过于复杂，请缩小图片后重新导出。",
        "deck_too_many_pages": "此 PDF 超过 300 页，请拆分。",
        "deck_unknown": "本课没有这份课件或这一页。",
        "edit_invalid": "剪辑片段重叠、顺序有误或超出课程长度。",
        "floor_not_requested": "没有待撤回的举手。",
        "idempotency_key_reused": "此 Idempotency-Key 已用于另一请求。",
        "import_refused": "导入文件有错误，未写入任何内容；请按行号改正。",
        "internal_error": "服务器出错，请查看日志。",
        "job_state_conflict": "该任务当前状态不允许此操作。",
        "job_unknown": "没有这个任务，或它不属于您的机构。",
        "lesson_ended": "课程已结束，请观看回放。",
        "lesson_state_conflict": "课程当前状态不允许此操作。",
        "lesson_unknown": "没有这节课，请检查链接。",
        "limit_reached": "数量已达上限，请先删除一些。",
        "message_too_large": "内容过大，请减小后重试。",
        "method_not_allowed": "此地址不支持该方法。",
        "not_admitted": "主讲教师未准许进入，请联系教师。",
        "not_found": "没有这个地址。",
        "not_on_stage": "该座位不在台上。",
        "not_permitted": "您的角色不允许此操作。",
        "offer_outdated": "该应答对应的提议已过期。",
        "organization_misplaced": "机构层级有误：过深，或移到了自身之下。",
        "peer_unknown": "服务器没有此媒体连接，请重新建立。",
        "photo_malformed": "无法读取这张照片，请重新拍摄。",
        "photo_unknown": "没有这张照片：请先上传，或选择本轮的作答照片。",
        "photo_withheld": "该教室未同意直播画面，或已被禁止，照片不能展示。",
        "precondition_failed": "内容已被他人修改，请重新读取。",
        "precondition_required": "请在 If-Match 中带上读取时的 ETag。",
        "publication_unknown": "没有这个媒体源。",
        "publish_not_permitted": "该角色不允许发布此媒体源。",
        "rate_limited": "请求过于频繁，请稍后再试。",
        "reason_required": "请说明查看原因（?reason=…），原因会记入审计。",
        "record_unknown": "没有这条记录，或它不属于您的机构。",
        "reference_unknown": "所引用的记录不存在，或不属于您的机构。",
        "resource_unknown": "没有这个课程资源。",
        "view_unknown": "您没有这个观看记录。",
        "room_locked": "课堂已锁定，请联系主讲教师。",
        "round_state_conflict": "当前环节不允许此操作。",
        "sdp_malformed": "无法解析 SDP。",
        "sdp_too_large": "SDP 过大。",
        "sdp_unsupported": "SDP 中没有双方都支持的内容。",
        "seat_banned": "该座位已被禁止进入本课。",
        "seat_not_connected": "该座位当前不在线。",
        "seat_removed": "该座位已被移出课程。",
        "seat_unknown": "没有这个座位，请索取新链接。",
        "server_stopping": "服务器正在停止，请稍后重连。",
        "sign_in_refused": "登录名或密码不正确。",
        "stage_full": "台上已满，请先请下一位。",
        "still_in_use": "仍有其他记录引用它，请先修改或删除那些记录。",
        "storage_full": "磁盘已满，请清理空间。",
        "text_unknown": "没有这条待审核的消息。",
        "timetable_clash": "该时间教师、教室、设备或班级已被占用。",
        "token_expired": "登录或链接已过期，请重新登录或索取新链接。",
        "token_invalid": "凭证无效，请重新登录或索取新链接。",
        "token_missing": "请在 Authorization 头中提供凭证。",
        "too_many_participants": "人数已满，请稍后再试。",
        "too_many_viewers": "同时收看直播的人数已满，请稍后再试。",
        "webhook_url_refused": "该地址不能用作 webhook：须为公网 https 地址。",
        "delivery_state_conflict": "该投递已完成，无需重试。",
        "unavailable": "服务暂不可用，请稍后再试。",
        "version_state_conflict": "该版本当前状态不允许此操作。",
        "version_unknown": "没有这个版本。",
    }
)


def language_of(accept_language: str | None) -> str:
    """Of English and Chinese the one that a reader prefers; English when neither is named."""
    best, best_weight = ENGLISH, 0.0
    for entry in (accept_language or "")[:_MAXIMUM_HEADER_CHARACTERS].split(","):
        tag, _, weight = entry.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            value = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if primary in ("zh", "en") and value > best_weight:
            best, best_weight = (CHINESE if primary == "zh" else ENGLISH), value
    return best
