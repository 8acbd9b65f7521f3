"""Alerts in Chinese."""

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Phase
from syncd.domain.alerts.wording import KindWords, Words

_AUTHORIZE = "请重新授权应用，更正设置中该店铺的令牌，然后让 syncd 重新加载配置。"

CHINESE = Words(
    levels={Level.INFO: "通知", Level.WARNING: "警告", Level.CRITICAL: "严重"},
    phases={
        Phase.BEGIN: "{level}：{what}",
        Phase.END: "已恢复：{what}",
        Phase.REMINDER: "仍未解决（{level}）：{what}",
        Phase.FLAPPING: "{level}，反复出现：{what}",
        Phase.QUIET: "免打扰时段内的提醒：{count} 条",
        Phase.MISSED: "此前未能送达的提醒：{count} 条",
    },
    since="自 {begin} 起",
    over="{begin} 至 {end}",
    more="…… 另有 {count} 条",
    test_title="测试：syncd 的提醒可以送达这里",
    test_body="有人执行了 `syncd alerts --test`。一切正常。",
    kinds={
        AlertKind.LOW_STOCK: KindWords(
            "库存池 {pool} 中 {sku} 库存偏低",
            "库存池 {place} 中有 {count} 个 SKU 库存偏低",
            "{sku}：剩余 {units} 件",
            "请补货；若数量其实足够，可调低 notice_level。",
        ),
        AlertKind.OVERSOLD: KindWords(
            "库存池 {pool} 中 {sku} 超卖",
            "库存池 {place} 中有 {count} 个 SKU 超卖",
            "{sku}：多卖出 {units} 件",
            "该 SKU 不再上调。请调货或取消订单；`syncd explain SKU` 可查是谁卖出的。",
        ),
        AlertKind.BACKORDERED: KindWords(
            "库存池 {pool} 中 {sku} 已售出虚拟库存",
            "库存池 {place} 中有 {count} 个 SKU 已售出虚拟库存",
            "{sku}：已售 {units} 件尚未到货",
            "请确认货品能按时到仓。",
        ),
        AlertKind.OVERLOCKED: KindWords(
            "库存池 {pool} 中 {sku} 的 ERP 锁定量超过实物",
            "库存池 {place} 中有 {count} 个 SKU 的 ERP 锁定量超过实物",
            "{sku}：多锁 {units} 件",
            "请在 ERP 中更正锁定数量。",
        ),
        AlertKind.OVERTRANSFERRED: KindWords(
            "库存池 {pool} 中 {sku} 的调拨量超过实物",
            "库存池 {place} 中有 {count} 个 SKU 的调拨量超过实物",
            "{sku}：多出 {units} 件",
            "请在 ERP 中更正调拨单。",
        ),
        AlertKind.LOCKS_CUT: KindWords(
            "库存池 {pool} 中 {sku} 的锁库超过现有数量",
            "库存池 {place} 中有 {count} 个 SKU 的锁库超过现有数量",
            "{sku}：缺 {units} 件",
            "请补货或结束锁库：`syncd lock list`。",
        ),
        AlertKind.DELISTED: KindWords(
            "店铺 {shop} 的商品 {listing} 已下架",
            "店铺 {place} 有 {count} 个商品已下架",
            "{listing}（{sku}）：{cause}，规则 {rule}",
            "库存高于 relist_level 后会自动上架。",
        ),
        AlertKind.RELISTED: KindWords(
            "店铺 {shop} 的商品 {listing} 已重新上架",
            "店铺 {place} 有 {count} 个商品已重新上架",
            "{listing}（{sku}）：{cause}，规则 {rule}",
            "无需处理。",
        ),
        AlertKind.PUT_BACK: KindWords(
            "有人改动了店铺 {shop} 商品 {listing} 的上下架状态",
            "有人改动了店铺 {place} 中 {count} 个商品的上下架状态",
            "{listing}：{because}",
            "请查明是谁操作的：在库存变化之前，syncd 不再改动该商品。",
        ),
        AlertKind.DRIFT: KindWords(
            "店铺 {shop} 的库存数有变动，没有对应的已知订单",
            "{count} 家店铺的库存数有变动，没有对应的已知订单",
            "最近一次：{listing}（{sku}），{by} 件",
            "提供订单的店铺很少会这样；`syncd explain SKU` 可查变动原因。",
        ),
        AlertKind.FOREIGN_WRITER: KindWords(
            "有其他程序在改写店铺 {shop} 的商品 {listing}",
            "有其他程序在改写店铺 {place} 的 {count} 个商品",
            "{listing}：{because}",
            "请关闭另一处写入（例如 ERP 自带的库存上传）；在此之前不再上调。",
        ),
        AlertKind.LISTING_FAILING: KindWords(
            "店铺 {shop} 拒绝写入商品 {listing}",
            "店铺 {place} 拒绝写入 {count} 个商品",
            "{listing}：{because}",
            "请在店铺后台更正该商品；在能写入之前，它占用的数量会一直保留。",
        ),
        AlertKind.LISTING_UNBOUND: KindWords(
            "店铺 {shop} 的商品 {listing} 未绑定 SKU",
            "店铺 {place} 有 {count} 个商品未绑定 SKU",
            "{listing}（编码 {code}）：{because}",
            "syncd 不会改动它们。`syncd listings --unbound` 可查看候选 SKU。",
        ),
        AlertKind.BINDING_HELD: KindWords(
            "店铺 {shop} 商品 {listing} 的改绑已暂停，等待确认",
            "店铺 {place} 有 {count} 个商品的改绑已暂停，等待确认",
            "{listing}（编码 {code}）：{because}",
            "请核对它究竟是哪个 SKU：`syncd listings`。",
        ),
        AlertKind.SOURCE_FAILING: KindWords(
            "数据源 {source} 无法读取",
            "{count} 个数据源无法读取",
            "{error}",
            "继续使用最后一次有效数据；销售仍会扣减，数据过旧后不再上调。",
        ),
        AlertKind.SOURCE_EMPTIED: KindWords(
            "数据源 {source} 的库存突然清空，未予采信",
            "{count} 个数据源的库存突然清空",
            "{error}",
            "请检查 ERP。如果数据属实，对应的限制是数据源的 max_missing。",
        ),
        AlertKind.SOURCE_STALE: KindWords(
            "数据源 {source} 的数据已有 {minutes} 分钟未更新",
            "{count} 个数据源的数据过旧",
            "{minutes} 分钟，上限 {limit} 分钟",
            "恢复之前不会上调库存，也不会重新上架。",
        ),
        AlertKind.SHOP_FAILING: KindWords(
            "店铺 {shop} 无法读取",
            "{count} 家店铺无法读取",
            "{error}",
            "syncd 会继续重试；它占用的数量会一直保留。",
        ),
        AlertKind.SHOP_BLOCKED: KindWords(
            "店铺 {shop} 拒绝当前的授权信息",
            "{count} 家店铺拒绝当前的授权信息",
            "{because}",
            _AUTHORIZE,
        ),
        AlertKind.CIRCUIT_OPEN: KindWords(
            "店铺 {shop} 连续调用失败，暂停一段时间",
            "{count} 家店铺连续调用失败",
            "{shop}",
            "syncd 会自动重试；请查看平台是否公告故障。",
        ),
        AlertKind.ORDERS_FAILING: KindWords(
            "店铺 {shop} 的订单无法读取",
            "{count} 家店铺的订单无法读取",
            "{error}",
            "依赖这些订单的库存不会上调；`syncd shops` 可查自何时起。",
        ),
        AlertKind.ORDER_DOUBTED: KindWords(
            "店铺 {shop} 的订单 {order} 无法理解",
            "店铺 {place} 有 {count} 条订单明细无法理解",
            "{order}，明细 {line}：{because}",
            "在弄清之前它会一直占用库存。`syncd orders` 可查看。",
        ),
        AlertKind.TOKENS_EXPIRING: KindWords(
            "店铺 {shop} 的令牌将在 {days} 天后到期",
            "{count} 家店铺的令牌即将到期",
            "到期时间 {expires}",
            _AUTHORIZE,
        ),
        AlertKind.TOKENS_FAILING: KindWords(
            "店铺 {shop} 的令牌无法续期",
            "{count} 家店铺的令牌无法续期",
            "{error}",
            _AUTHORIZE,
        ),
        AlertKind.PLAN_HELD: KindWords(
            "店铺 {shop} 的变更已暂停，等待审批",
            "{count} 家店铺的变更已暂停，等待审批",
            "{because}",
            "请核对数字是否正确，然后批准或驳回该计划。",
        ),
        AlertKind.BACKLOG: KindWords(
            "店铺 {shop} 已有 {minutes} 分钟没有接受扣减",
            "{count} 家店铺长时间没有接受扣减",
            "{count} 个商品显示的数量可能多于实际；最早的已等待 {minutes} 分钟，上限 {limit} 分钟",
            "可能会超卖：请用 `syncd shops` 查明原因，或在店铺后台暂停销售。",
        ),
        AlertKind.CYCLE_STUCK: KindWords(
            "同步周期卡住",
            "{count} 个同步周期卡住",
            "{seconds} 秒内没有周期结束",
            "systemd 会重启 syncd；如果周期确实需要这么久，请调高 cycle.stuck_after。",
        ),
        AlertKind.RELOAD_REFUSED: KindWords(
            "新的配置无法使用",
            "新的配置无法使用",
            "继续使用旧配置",
            "`syncd check` 会指出其中的问题。",
        ),
        AlertKind.MQTT_LOST: KindWords(
            "无法连接消息服务器 {broker}",
            "无法连接 {count} 个消息服务器",
            "{error}",
            "同步不受影响；请检查设置中的 [mqtt]。",
        ),
        AlertKind.HOOK_REFUSED: KindWords(
            "店铺 {shop} 的推送消息被拒绝",
            "{count} 个推送地址的消息被拒绝",
            "{because}，{count} 次",
            "发送方没有密钥，或者设置中的密钥不一致。",
        ),
        AlertKind.TARGET_FAILING: KindWords(
            "提醒无法送达 {target}",
            "提醒无法送达 {count} 个目标",
            "{because}",
            "错过的内容之后会合并为一条发送。`syncd alerts --test` 可以测试。",
        ),
    },
)
